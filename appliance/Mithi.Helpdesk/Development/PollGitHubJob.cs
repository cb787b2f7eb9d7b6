using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Web;
using NodaTime;
using Octo = Octokit;

namespace Mithi.Helpdesk.Development;

/// <summary>Asks GitHub for what the webhook may have missed. While nothing changes, each question is the same and its answer is "not modified".</summary>
internal sealed class PollGitHubJob(Db db, GitHubDoor door, IssueNews news, TimeProvider time) : IRecurringJob
{
    private static readonly Octo.ApiOptions Pages = new() { PageSize = 100 };

    public string Name => "development.poll";

    public Duration Interval => Duration.FromMinutes(5);

    public async Task RunAsync(CancellationToken ct)
    {
        await db.WriteAsync(tx => DevelopmentStore.ForgetDeliveriesAsync(tx, time.GetCurrentInstant() - Limits.DeliveryMax), ct);
        if (await door.OpenAsync(ct) is not { } github) return;
        var since = await db.ReadAsync(async tx => await DevelopmentStore.CursorAsync(tx, github.Repository) ?? await DevelopmentStore.FirstAsync(tx, github.Repository), ct);
        if (since is not { } from) return;
        try
        {
            await TakeAsync(github, from, ct);
        }
        catch (Octo.ApiException refusal)
        {
            throw door.Told(refusal);
        }
    }

    private async Task TakeAsync(GitHubAccess github, Instant from, CancellationToken ct)
    {
        var issues = await github.Client.Issue.GetAllForRepository(github.Owner, github.Name, new Octo.RepositoryIssueRequest
        {
            State = Octo.ItemStateFilter.All, Since = from.ToDateTimeOffset(), SortProperty = Octo.IssueSort.Updated, SortDirection = Octo.SortDirection.Ascending,
        }, Pages);
        var comments = await github.Client.Issue.Comment.GetAllForRepository(github.Owner, github.Name, new Octo.IssueCommentRequest
        {
            Since = from.ToDateTimeOffset(), Sort = Octo.IssueCommentSort.Updated, Direction = Octo.SortDirection.Ascending,
        }, Pages);
        var last = from;
        foreach (var issue in issues.Where(i => i.PullRequest is null))
        {
            var changed = Instant.FromDateTimeOffset(issue.UpdatedAt ?? issue.CreatedAt);
            var state = issue.State.Value == Octo.ItemState.Closed ? IssueState.Closed : IssueState.Open;
            await db.WriteAsync(tx => news.HearStateAsync(tx, github.Repository, issue.Number, state, (issue.ClosedBy ?? issue.User)?.Login ?? "", changed), ct);
            last = Instant.Max(last, changed);
        }
        foreach (var comment in comments)
        {
            if (NumberOf(comment.HtmlUrl) is { } number)
                await db.WriteAsync(tx => news.HearCommentAsync(tx, github.Repository, number, comment.Id, comment.User?.Login ?? "", comment.Body ?? "",
                    Instant.FromDateTimeOffset(comment.CreatedAt)), ct);
            last = Instant.Max(last, Instant.FromDateTimeOffset(comment.UpdatedAt ?? comment.CreatedAt));
        }
        // The time of what was seen there, not of our clock: nothing falls between two clocks that differ.
        if (last > from) await db.WriteAsync(tx => DevelopmentStore.SetCursorAsync(tx, github.Repository, last), ct);
    }

    /// <summary>A comment's address is <c>.../issues/12#issuecomment-34</c>.</summary>
    private static long? NumberOf(string? url)
        => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Segments is [.., "issues/", var number] && long.TryParse(number, out var found) ? found : null;
}
