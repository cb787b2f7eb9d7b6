using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Development;

/// <summary>What became of a change to an issue.</summary>
internal abstract record IssueResult
{
    private IssueResult() { }

    public sealed record Done(IssueId Id) : IssueResult;

    public sealed record Missing : IssueResult;

    /// <summary>Something in it can't be; the message is an English key.</summary>
    public sealed record Refused(string Field, string Message) : IssueResult;
}

/// <summary>What staff does with issues of product development. What goes to GitHub is sent by a job, after the transaction.</summary>
internal sealed class DevelopmentDesk(Db db, TicketLog log, IssueNews news, GitHubDoor door, JobQueue queue, TimeProvider time)
{
    private static readonly IssueResult Missing = new IssueResult.Missing();

    /// <summary>Gives a ticket to product development: a new issue, or one that is there.</summary>
    public async Task<IssueResult> EscalateAsync(TicketId id, EscalationDraft draft, CurrentPerson me, CancellationToken ct)
    {
        var mistake = draft.Existing is not null ? null
            : draft.Title.Length is 0 or > Limits.SubjectCharsMax ? new IssueResult.Refused("title", "Say in a few words what it is about.")
            : draft.Text.Length == 0 ? new IssueResult.Refused("text", "Say what happens, how it can be seen again and what was expected.")
            : draft.Text.Length > Limits.IssueCharsMax ? new IssueResult.Refused("text", "This is too long: at most 60,000 characters.") : null;
        if (mistake is not null) return mistake;
        var github = draft is { Place: IssuePlace.GitHub, Existing: null } ? await door.OpenAsync(ct) : null;
        if (draft is { Place: IssuePlace.GitHub, Existing: null } && github is null)
            return new IssueResult.Refused("place", "GitHub is not set up: an administrator gives a repository and a token in the settings.");
        return await db.WriteAsync(async tx =>
        {
            if (await TicketStore.FindAsync(tx, id, me, Permission.TicketWork) is not { } ticket) return Missing;
            if (ticket.State == TicketState.Merged) return new IssueResult.Refused("title", "This ticket is merged. Escalate the one in which it goes on.");
            var now = time.GetCurrentInstant();
            if (draft.Existing is { } existing && await DevelopmentStore.FindAsync(tx, existing) is null) return new IssueResult.Refused("existing", "There is no issue with this number.");
            var issue = draft.Existing ?? await DevelopmentStore.AddAsync(tx, draft, github?.Repository ?? "", IssueMarker.New(), me.Name, now);
            if (!await DevelopmentStore.TieAsync(tx, issue, id)) return new IssueResult.Refused("existing", "This ticket is there already.");
            var known = (await DevelopmentStore.FindAsync(tx, issue))!;
            await log.AppendAsync(tx, ticket, new TicketChange.Escalated(issue.Value, known.Title), Actor.Of(me), draft.Existing is null ? draft.Text : "", now);
            await SendAsync(tx, known);
            return new IssueResult.Done(issue);
        }, ct);
    }

    /// <summary>Adds to an issue. On GitHub it stands there for all who read it, without the writer's name.</summary>
    public Task<IssueResult> CommentAsync(IssueId id, string body, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await DevelopmentStore.FindAsync(tx, id) is not { } issue) return Missing;
        if (body.Length == 0) return new IssueResult.Refused("body", "Write something first.");
        if (body.Length > Limits.IssueCharsMax) return new IssueResult.Refused("body", "This is too long: at most 60,000 characters.");
        var now = time.GetCurrentInstant();
        await DevelopmentStore.AddCommentAsync(tx, id, me.Name, body, IssuePlace.Here, null, IssueMarker.New(), now);
        await DevelopmentStore.TouchAsync(tx, id, now);
        await news.TellAsync(tx, id, new TicketChange.IssueCommented(id.Value), Actor.Of(me), body, now);
        await SendAsync(tx, issue);
        return new IssueResult.Done(id);
    }, ct);

    public Task<IssueResult> SetStateAsync(IssueId id, IssueState to, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await DevelopmentStore.FindAsync(tx, id) is not { } issue) return Missing;
        if (issue.State == to) return new IssueResult.Done(id);
        var now = time.GetCurrentInstant();
        await DevelopmentStore.SetStateAsync(tx, id, to, now);
        await news.TellAsync(tx, id, new TicketChange.IssueStateSet(id.Value, to == IssueState.Open), Actor.Of(me), "", now);
        await SendAsync(tx, issue);
        return new IssueResult.Done(id);
    }, ct);

    private Task SendAsync(Tx tx, DevelopmentIssue issue) => issue.Place == IssuePlace.GitHub
        ? queue.AddAsync(tx, SendIssueJob.JobKind, new SendIssue(issue.Id), key: $"{issue.Id}") : Task.CompletedTask;
}
