using Microsoft.AspNetCore.Html;
using Mithi.Helpdesk.Levels;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Ratings;
using Mithi.Helpdesk.Sla;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

/// <summary>Makes what a reader sees of a conversation: links, his words, and names only where he may know them.</summary>
internal sealed class ConversationView(Linkifier links, ArrivalStore arrivals, Texts texts)
{
    public async Task<ConversationModel> OfAsync(TicketId id, IReadOnlyList<TicketEntry> entries, CurrentPerson me, CancellationToken ct)
    {
        var t = texts.For(me.Language);
        var held = me.May(Permission.TicketWork) && entries.Any(e => e is TicketEntry.Note { Via: Via.Mail }) ? await arrivals.HeldAsync(id, ct) : [];
        var lines = new List<LineView>(entries.Count);
        foreach (var entry in entries)
            lines.Add(entry switch
            {
                TicketEntry.Message m => await MessageAsync(m, me, t, ct),
                // What another ticket brought along is decided there.
                TicketEntry.Note n => new NoteView(n.Seq, n.At, n.AuthorName, t[TicketNames.Of(n.Via)], await links.ToHtmlAsync(n.Body, me, ct), n.Files, n.From is null && held.Contains(n.Seq)) { From = n.From },
                TicketEntry.Card c => new CardView(c.Seq, c.At, me.May(Permission.TicketNote) ? c.AuthorName : t["Support"], c.Step.Title, c.Step.Number, c.Text, c.Step.Command,
                    c.IsDone, !me.IsStaff && me.May(Permission.TicketReply)),
                TicketEntry.Happened { Change: TicketChange.CardMarked mark } h => new MarkView(h.Seq, h.At, Text(h, me, t), mark.Card, mark.Done),
                TicketEntry.Happened h => new EventView(h.Seq, h.At, Text(h, me, t), h.Reason) { Splits = SplitOf(h, lines, me), Evidence = EvidenceOf(h, me) },
                _ => throw new InvalidOperationException("There is no other kind of entry."),
            });
        return new(id, lines);
    }

    public static IReadOnlyList<ClockView> ClocksOf(TicketClocks clocks, Instant now, bool staff) =>
        [.. from kind in TicketClocks.Kinds let clock = clocks.Of(kind) where clock?.Target is not null select Of(kind, clock, clocks.Calendars[kind], now, staff)];

    private static ClockView Of(ClockKind kind, SlaClock clock, string calendar, Instant now, bool staff)
    {
        var lines = staff ? clock.Explain(now) : [];
        return new(kind, clock.StateAt(now), clock.DueAt, clock.Stop, clock.Elapsed(now), clock.Target!.Value, calendar, clock.IsMisconfigured,
            [.. lines.TakeLast(Limits.ExplainRows)], Math.Max(0, lines.Count - Limits.ExplainRows));
    }

    private async Task<MessageView> MessageAsync(TicketEntry.Message message, CurrentPerson me, ReaderTexts t, CancellationToken ct)
    {
        var author = message.Side switch
        {
            Side.House => t["Notice"],
            // Names of staff are for staff; a customer is answered by the house.
            Side.Staff when !me.May(Permission.TicketNote) => t["Support"],
            _ => message.AuthorName,
        };
        var trimmed = message.Via == Via.Mail ? ReplyTrimmer.Trim(message.Body) : new(message.Body, "", true);
        // What was cut from between the lines says nothing alone: then the whole mail is what one click opens.
        var quoted = trimmed.IsTail ? trimmed.Cut : message.Body;
        IHtmlContent? rest = trimmed.Cut.Length > 0 ? await links.ToHtmlAsync(quoted, me, ct) : null;
        return new(message.Seq, message.At, author, message.Side != Side.Customer, t[TicketNames.Of(message.Via)],
            await links.ToHtmlAsync(trimmed.Written, me, ct), rest, trimmed.IsTail, message.Files) { From = message.From, IsEmpty = message.Body.Length == 0, IsChat = message.Via == Via.Chat };
    }

    /// <summary>The hint stands right after the mail that it is about, with nothing but events between them.</summary>
    private static long? SplitOf(TicketEntry.Happened happened, List<LineView> above, CurrentPerson me)
        => happened.Change is TicketChange.MailHint { Doubt: MailDoubt.ChangesSubject } && me.May(Permission.TicketWork)
            ? above.FindLast(l => l is MessageView or NoteView)?.Seq : null;

    /// <summary>The store gives hand-overs to staff alone; this outlet asks once more.</summary>
    internal static IReadOnlyList<Evidence> EvidenceOf(TicketEntry.Happened happened, CurrentPerson me)
        => me.May(Permission.TicketNote) && happened.Change is TicketChange.HandedOver { Evidence: { } evidence } ? evidence : [];

    private static string Text(TicketEntry.Happened happened, CurrentPerson me, ReaderTexts t)
    {
        var text = happened.Change switch
        {
            TicketChange.StateSet set => t["{0} → {1}", t[TicketNames.Of(set.From)], t[TicketNames.Of(set.To)]],
            TicketChange.PrioritySet set => t["Priority {0} → {1}", set.From, set.To],
            TicketChange.Assigned { To: null } => t["Given back to the queue"],
            TicketChange.Assigned assigned => t["Assigned to {0}", assigned.ToName],
            TicketChange.HandedOver over => t["Handed over: {0} → {1}", t[TicketNames.Of(over.From)], t[TicketNames.Of(over.To)]],
            // A customer may not know the other ticket; that his own has ended he may.
            TicketChange.MergedInto merged when !me.May(Permission.TicketNote) => t["{0} → {1}", t[TicketNames.Of(merged.From)], t[TicketNames.Of(TicketState.Merged)]],
            TicketChange.MergedInto merged => t["Merged into #{0}", merged.Into],
            TicketChange.MergedFrom merged => t["#{0} was merged into this ticket", merged.From],
            TicketChange.SplitOff split => t["Messages were moved to #{0}", split.To],
            TicketChange.Linked linked => t["{0} #{1}", t[TicketNames.Of(linked.Role)], linked.Other],
            TicketChange.TimeNoted noted => t["{0} minutes of work", noted.Minutes],
            TicketChange.Undone => t["This was undone"],
            TicketChange.Escalated escalated => t["Given to product development: D-{0} {1}", escalated.IssueId, escalated.Title],
            TicketChange.IssueKnown issue => t["D-{0} is #{1} on GitHub", issue.IssueId, issue.Number],
            TicketChange.IssueStateSet { Open: true } issue => t["D-{0} was reopened", issue.IssueId],
            TicketChange.IssueStateSet issue => t["D-{0} was closed", issue.IssueId],
            TicketChange.IssueCommented issue => t["Comment on D-{0}", issue.IssueId],
            TicketChange.Called call => Call(call, me, t),
            TicketChange.CardMarked { Done: true } mark => t["Step {0}: done", mark.Number],
            TicketChange.CardMarked mark => t["Step {0}: failed", mark.Number],
            TicketChange.FixAvailable fix => t["Fix available: {0} {1}", fix.Product, fix.Version],
            TicketChange.ConsentSet { Waiting: true } => t["Waiting for consent to remote access"],
            TicketChange.ConsentSet => t["Not waiting for consent to remote access any more"],
            TicketChange.Rated rated => t["The customer's opinion: {0}", t[RatingNames.Of(rated.Rating)]],
            TicketChange.PromiseWarned warned => t["Due soon: {0}, by {1}", t[TicketNames.Of(warned.Clock)], ReaderTime.Text(warned.Due, me.Zone)],
            TicketChange.PromiseBroken broken => t["Overdue: {0}, was promised by {1}", t[TicketNames.Of(broken.Clock)], ReaderTime.Text(broken.Due, me.Zone)],
            TicketChange.AutomaticMail mail => t["Automatic mail from {0} ({1}): nothing was changed", mail.Sender, ArrivalWords.Machine(t, mail.What)],
            TicketChange.MailConfirmed confirmed => t["The sender {0} was confirmed: the mail below is his", confirmed.Sender],
            TicketChange.MailHint { Doubt: MailDoubt.NamesOther } hint => t["Its subject names #{0}, but its sender takes no part there: it may belong to it", hint.Other],
            TicketChange.MailHint { Doubt: MailDoubt.LooksLikeOther } hint => t["The same sender wrote about the same in #{0}: it may belong to it", hint.Other],
            TicketChange.MailHint hint => t["The mail came under another subject, “{0}”: if it is another matter, make it a ticket of its own", hint.Subject],
            TicketChange.Imported imported => t["Brought over from {0} {1}", imported.Source, imported.Key],
            _ => happened.Change.Kind,
        };
        return me.May(Permission.TicketNote) && happened.ActorName.Length > 0 ? t["{0}, by {1}", text, happened.ActorName] : text;
    }

    /// <summary>Who called and for how long. The number is for staff: a colleague who reads the ticket need not have it.</summary>
    private static string Call(TicketChange.Called call, CurrentPerson me, ReaderTexts t)
    {
        var who = me.May(Permission.TicketNote) && call.Number.Length > 0 ? $"{call.Caller} ({call.Number})" : call.Caller;
        var minutes = (call.Seconds + 59) / 60;
        return call.WaitsForCall ? t["{0} called, {1} min, and waits to be called back", who, minutes] : t["{0} called, {1} min", who, minutes];
    }
}
