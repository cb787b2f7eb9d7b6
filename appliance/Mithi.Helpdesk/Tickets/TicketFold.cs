using Mithi.Cli;

namespace Mithi.Helpdesk.Tickets;

/// <summary>From a ticket's events to its row. Pure: the same log gives the same ticket for ever.</summary>
internal static class TicketFold
{
    /// <summary>The ticket after one more event. Its hash is the caller's to set.</summary>
    public static Ticket Apply(Ticket? before, TicketEvent happened)
    {
        if (happened.Change is TicketChange.Opened opened)
        {
            Check.That(before is null && happened.Seq == 1);
            return Open(opened, happened);
        }
        Check.That(before is not null && happened.Seq == before.Seq + 1);
        var ticket = before with
        {
            Seq = happened.Seq, UpdatedAt = happened.At,
            PublicUpdatedAt = happened.Change.IsPublic ? happened.At : before.PublicUpdatedAt,
        };
        return happened.Change switch
        {
            TicketChange.StateSet set => ticket with
            {
                State = set.To,
                StoppedAt = !set.To.IsStopped() ? null : before.IsStopped ? before.StoppedAt : happened.At,
            },
            TicketChange.PrioritySet set => ticket with { Priority = set.To },
            TicketChange.Assigned assigned => ticket with { AssigneeId = assigned.To, AssigneeName = assigned.ToName },
            TicketChange.HandedOver over => ticket with { Level = over.To },
            TicketChange.FixAvailable fix => ticket with { FixProduct = fix.Product, FixVersion = fix.Version },
            // A robot's mail is no news: the ticket must not rise to the top of the list for it.
            TicketChange.AutomaticMail or TicketChange.MailHint or TicketChange.PromiseWarned or TicketChange.PromiseBroken
                => ticket with { UpdatedAt = before.UpdatedAt },
            TicketChange.MergedInto merged => ticket with
            {
                State = TicketState.Merged, MergedIntoId = merged.Into, StoppedAt = before.IsStopped ? before.StoppedAt : happened.At,
            },
            _ => ticket,
        };
    }

    /// <summary>The ticket after an entry that does not count: one that was taken back, or that takes one back.</summary>
    public static Ticket Pass(Ticket before, TicketEvent happened)
    {
        Check.That(happened.Seq == before.Seq + 1);
        return before with { Seq = happened.Seq };
    }

    /// <summary>The numbers of those that do not count.</summary>
    public static IReadOnlySet<long> Passed(IEnumerable<TicketEvent> events) => events.Where(e => e.Change is TicketChange.Undone)
        .SelectMany(e => ((TicketChange.Undone)e.Change).Seqs.Append(e.Seq)).ToHashSet();

    private static Ticket Open(TicketChange.Opened opened, TicketEvent happened) => new(
        happened.TicketId, opened.OrganisationId, opened.RequesterId, opened.RequesterName, opened.RequesterEmail,
        opened.Subject, opened.TicketKind, opened.Priority, TicketState.New, Level.L1, null, "",
        opened.Product, opened.ProductVersion, "", "", opened.FollowsId, null,
        happened.Seq, "", happened.At, happened.At, happened.At, null);
}
