using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Web;
using NodaTime;
using Octo = Octokit;

namespace Mithi.Helpdesk.Development;

internal sealed record SendIssue(IssueId IssueId);

/// <summary>Brings an issue on GitHub up to what is known here: makes it, adds comments, closes or reopens it. Nothing is made twice.</summary>
/// <remarks>
/// That a call is about to be made is written down before it. When its answer was lost, what it may have made is looked for by its
/// marker before it is made again: in the list of issues, because GitHub's search learns of new ones late.
/// </remarks>
internal sealed class SendIssueJob(Db db, GitHubDoor door, IssueNews news, TimeProvider time) : IJob
{
    public const string JobKind = "development.send";

    // Clocks differ; what is looked for can't be older than this before the attempt.
    private static readonly Duration Skew = Duration.FromHours(1);

    public string Kind => JobKind;

    public async Task RunAsync(JobRun run, CancellationToken ct)
    {
        var id = run.Read<SendIssue>().IssueId;
        if (await db.ReadAsync(tx => DevelopmentStore.FindAsync(tx, id), ct) is not { Place: IssuePlace.GitHub } issue) return;
        if (await door.OpenAsync(ct) is not { } github)
            throw JobException.WaitFor("GitHub is not set up: an administrator gives a repository and a token in the settings.", Duration.FromHours(1));
        if (!github.Repository.Equals(issue.Repository, StringComparison.OrdinalIgnoreCase))
            throw JobException.GiveUp($"The issue belongs to {issue.Repository}, and the settings name {github.Repository}.");
        try
        {
            var number = issue.Number ?? await CreateAsync(github, issue, ct);
            await CommentAsync(github, issue, number, ct);
            await SetStateAsync(github, issue.Id, number, ct);
        }
        catch (Octo.ApiException refusal)
        {
            throw door.Told(refusal);
        }
    }

    private async Task<long> CreateAsync(GitHubAccess github, DevelopmentIssue issue, CancellationToken ct)
    {
        var made = issue.AttemptedAt is { } attempted ? await FindAsync(github, issue.Marker, attempted) : null;
        if (made is null)
        {
            await db.WriteAsync(tx => DevelopmentStore.AttemptAsync(tx, issue.Id, time.GetCurrentInstant()), ct);
            made = await github.Client.Issue.Create(github.Owner, github.Name, new(issue.Title) { Body = IssueMarker.Sign(issue.Body, issue.Marker) });
        }
        var (number, url) = (made.Number, made.HtmlUrl ?? "");
        await db.WriteAsync(async tx =>
        {
            if (await DevelopmentStore.KnowAsync(tx, issue.Id, number, url))
                await news.TellAsync(tx, issue.Id, new TicketChange.IssueKnown(issue.Id.Value, number, url), Actor.House, "", time.GetCurrentInstant());
        }, ct);
        return number;
    }

    private static async Task<Octo.Issue?> FindAsync(GitHubAccess github, string marker, Instant attempted)
    {
        var request = new Octo.RepositoryIssueRequest
        {
            State = Octo.ItemStateFilter.All, Since = (attempted - Skew).ToDateTimeOffset(),
            SortProperty = Octo.IssueSort.Created, SortDirection = Octo.SortDirection.Descending,
        };
        var issues = await github.Client.Issue.GetAllForRepository(github.Owner, github.Name, request, new Octo.ApiOptions { PageSize = 100 });
        return issues.FirstOrDefault(i => i.PullRequest is null && IssueMarker.Marks(i.Body, marker));
    }

    private async Task CommentAsync(GitHubAccess github, DevelopmentIssue issue, long number, CancellationToken ct)
    {
        foreach (var comment in await db.ReadAsync(tx => DevelopmentStore.CommentsAsync(tx, issue.Id), ct))
        {
            if (comment is not { Origin: IssuePlace.Here, RemoteId: null }) continue;
            var made = comment.AttemptedAt is { } attempted ? await FindCommentAsync(github, number, comment.Marker, attempted) : null;
            if (made is null)
            {
                await db.WriteAsync(tx => DevelopmentStore.AttemptCommentAsync(tx, comment.Id, time.GetCurrentInstant()), ct);
                made = await github.Client.Issue.Comment.Create(github.Owner, github.Name, number, IssueMarker.Sign(comment.Body, comment.Marker));
            }
            await db.WriteAsync(tx => DevelopmentStore.KnowCommentAsync(tx, issue.Id, comment.Marker, made.Id), ct);
        }
    }

    private static async Task<Octo.IssueComment?> FindCommentAsync(GitHubAccess github, long number, string marker, Instant attempted)
        => (await github.Client.Issue.Comment.GetAllForIssue(github.Owner, github.Name, number,
            new() { Since = (attempted - Skew).ToDateTimeOffset() }, new Octo.ApiOptions { PageSize = 100 })).FirstOrDefault(c => IssueMarker.Marks(c.Body, marker));

    private async Task SetStateAsync(GitHubAccess github, IssueId id, long number, CancellationToken ct)
    {
        // As it is now: somebody may have closed it while its comments went out.
        if (await db.ReadAsync(tx => DevelopmentStore.FindAsync(tx, id), ct) is not { } issue || issue.State == issue.ThereState) return;
        var changed = await github.Client.Issue.Update(github.Owner, github.Name, number,
            new() { State = issue.State == IssueState.Open ? Octo.ItemState.Open : Octo.ItemState.Closed });
        var at = Instant.FromDateTimeOffset(changed.UpdatedAt ?? changed.CreatedAt);
        await db.WriteAsync(tx => DevelopmentStore.SetThereAsync(tx, id, issue.State, at), ct);
    }
}
