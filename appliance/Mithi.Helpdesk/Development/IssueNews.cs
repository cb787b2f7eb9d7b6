using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Helpdesk.Development;

/// <summary>What happened to an issue on GitHub, by whichever way we heard of it. Hearing it twice is as once.</summary>
internal sealed class IssueNews(TicketLog log, TimeProvider time)
{
    /// <param name="changedAt">When it last changed there: what comes late does not turn it back.</param>
    public async Task HearStateAsync(Tx tx, string repository, long number, IssueState state, string by, Instant changedAt)
    {
        if (await DevelopmentStore.ByNumberAsync(tx, repository, number) is not { } issue || !await DevelopmentStore.HearAsync(tx, issue.Id, changedAt)) return;
        // What the other side said before is no news, even while our own change is still on its way there.
        if (issue.ThereState == state) return;
        await DevelopmentStore.SetThereAsync(tx, issue.Id, state, changedAt);
        if (issue.State == state) return;
        var now = Kernel.Web.TimeProviderInstant.GetCurrentInstant(time);
        await DevelopmentStore.SetStateAsync(tx, issue.Id, state, now);
        await TellAsync(tx, issue.Id, new TicketChange.IssueStateSet(issue.Id.Value, state == IssueState.Open), new(null, $"{by} (GitHub)"), "", now);
    }

    public async Task HearCommentAsync(Tx tx, string repository, long number, long remoteId, string author, string body, Instant at)
    {
        if (await DevelopmentStore.ByNumberAsync(tx, repository, number) is not { } issue || await DevelopmentStore.HasCommentAsync(tx, issue.Id, remoteId)) return;
        if (IssueMarker.Of(body) is { } marker && await DevelopmentStore.KnowCommentAsync(tx, issue.Id, marker, remoteId)) return;
        var now = Kernel.Web.TimeProviderInstant.GetCurrentInstant(time);
        var text = body.Length > Limits.BodyCharsMax ? body[..Limits.BodyCharsMax] : body;
        await DevelopmentStore.AddCommentAsync(tx, issue.Id, $"{author} (GitHub)", text.Replace("\0", ""), IssuePlace.GitHub, remoteId, "", at);
        await DevelopmentStore.TouchAsync(tx, issue.Id, now);
        await TellAsync(tx, issue.Id, new TicketChange.IssueCommented(issue.Id.Value), new(null, $"{author} (GitHub)"), text, now);
    }

    /// <summary>Writes it into the log of each ticket of the issue. It is internal: no customer hears of it.</summary>
    public async Task TellAsync(Tx tx, IssueId issue, TicketChange change, Actor actor, string body, Instant now)
    {
        foreach (var tied in await DevelopmentStore.TicketsAsync(tx, issue))
            if (await TicketStore.SurvivorAsync(tx, tied.Id) is { } ticket) await log.AppendAsync(tx, ticket, change, actor, body, now);
    }
}
