using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Joins;

/// <summary>Takes back what <see cref="TicketJoins"/> did: the entries stay in both logs and count no more, so each ticket is as if they had never been.</summary>
internal sealed class TicketUndo(Db db, TicketLog log, TimeProvider time)
{
    private static readonly TicketResult Missing = new TicketResult.Missing();

    private static readonly TicketResult Nothing = new TicketResult.Refused("undo", "There is nothing to undo here, or it has been undone already.");

    /// <param name="seq">The entry of this ticket's log that said so.</param>
    public Task<TicketResult> UndoAsync(TicketId id, long seq, CurrentPerson me, CancellationToken ct) => db.WriteAsync(async tx =>
    {
        if (await TicketStore.FindAsync(tx, id, me, Permission.TicketWork) is not { } ticket) return Missing;
        var events = await JoinStore.CountingAsync(tx, id);
        return events.FirstOrDefault(e => e.Seq == seq)?.Change switch
        {
            TicketChange.Linked linked => await UnlinkAsync(tx, ticket, seq, linked, Actor.Of(me)),
            TicketChange.MergedFrom merged => await UnmergeAsync(tx, ticket, merged.From, Actor.Of(me), ticket),
            TicketChange.MergedInto merged => await UnmergeAsync(tx, (await TicketStore.GetAsync(tx, merged.Into))!, id, Actor.Of(me), ticket),
            TicketChange.SplitOff split => await UnsplitAsync(tx, ticket, seq, split, Actor.Of(me)),
            _ => Nothing,
        };
    }, ct);

    /// <summary>The merges and splits of a ticket that stand, the newest first.</summary>
    public static async Task<IReadOnlyList<TakeBack>> StandingAsync(Tx tx, TicketId id) => [.. (await JoinStore.CountingAsync(tx, id)).Select(e => e.Change switch
    {
        TicketChange.MergedFrom merged => new TakeBack(e.Seq, e.Change.Kind, merged.From, e.At),
        TicketChange.MergedInto merged => new TakeBack(e.Seq, e.Change.Kind, merged.Into, e.At),
        TicketChange.SplitOff split => new TakeBack(e.Seq, e.Change.Kind, split.To, e.At),
        _ => null,
    }).OfType<TakeBack>().Reverse()];

    private async Task<TicketResult> UnlinkAsync(Tx tx, Ticket ticket, long seq, TicketChange.Linked linked, Actor actor)
    {
        var other = (await TicketStore.GetAsync(tx, linked.Other))!;
        var there = (await JoinStore.CountingAsync(tx, other.Id)).First(e => e.Change is TicketChange.Linked l && l.Other == ticket.Id && l.Role == linked.Role.Inverse());
        await PassAsync(tx, other, [there.Seq], actor);
        return new TicketResult.Done(await PassAsync(tx, ticket, [seq], actor));
    }

    private async Task<TicketResult> UnmergeAsync(Tx tx, Ticket survivor, TicketId from, Actor actor, Ticket shown)
    {
        if (survivor.State == TicketState.Merged)
            return new TicketResult.Refused("undo", "The ticket in which it goes on has been merged since. Undo that first.");
        var events = await JoinStore.CountingAsync(tx, survivor.Id);
        // A merge that was undone before and done again: the last is the one that stands.
        if (events.LastOrDefault(e => e.Change is TicketChange.MergedFrom m && m.From == from) is not { Change: TicketChange.MergedFrom merged } entry) return Nothing;
        long[] brought = [.. events.SkipWhile(e => e.Seq <= entry.Seq).TakeWhile(e => e.Change is TicketChange.BroughtMessage or TicketChange.BroughtNote).Select(e => e.Seq)];
        if (events.Any(e => e.Change is TicketChange.SplitOff split && split.Seqs.Intersect(brought).Any()))
            return new TicketResult.Refused("undo", "Some of its messages were moved to a new ticket since. Undo that first.");
        var source = await PassAsync(tx, (await TicketStore.GetAsync(tx, from))!, [merged.FromSeq], actor);
        survivor = await PassAsync(tx, survivor, [entry.Seq, .. brought], actor);
        return new TicketResult.Done(shown.Id == source.Id ? source : survivor);
    }

    /// <summary>The new ticket stays, because its log does, but it ends in the old one.</summary>
    private async Task<TicketResult> UnsplitAsync(Tx tx, Ticket source, long seq, TicketChange.SplitOff split, Actor actor)
    {
        if (source.State == TicketState.Merged) return new TicketResult.Refused("undo", "This ticket has been merged since. Undo that first.");
        var made = (await TicketStore.GetAsync(tx, split.To))!;
        var there = await JoinStore.CountingAsync(tx, made.Id);
        var tie = there.FirstOrDefault(e => e.Change is TicketChange.Linked l && l.Other == source.Id);
        // What the house noted by itself is no work that would be lost.
        if (there.Any(e => e.Change is not (TicketChange.Opened or TicketChange.BroughtMessage or TicketChange.BroughtNote
                or TicketChange.PromiseWarned or TicketChange.PromiseBroken) && e != tie) || made.Seq != there[^1].Seq)
            return new TicketResult.Refused("undo", "Something has happened in the new ticket since. Merge it into this one instead.");
        var here = (await JoinStore.CountingAsync(tx, source.Id)).FirstOrDefault(e => e.Change is TicketChange.Linked l && l.Other == made.Id);
        if (tie is not null) made = await PassAsync(tx, made, [tie.Seq], actor);
        await log.AppendAsync(tx, made, new TicketChange.MergedInto(source.Id, made.State), actor, "", time.GetCurrentInstant());
        return new TicketResult.Done(await PassAsync(tx, source, here is null ? [seq] : [seq, here.Seq], actor));
    }

    private Task<Ticket> PassAsync(Tx tx, Ticket ticket, IReadOnlyList<long> seqs, Actor actor)
        => log.UndoAsync(tx, ticket, seqs, actor, time.GetCurrentInstant());
}
