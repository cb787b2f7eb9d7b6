using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Helpdesk.Mail;

/// <summary>By what a mail was found to belong to a ticket, the surest first.</summary>
internal enum ThreadSign
{
    /// <summary>A signed number of ours: its sender has had a mail about this ticket.</summary>
    Token,

    /// <summary>A Message-ID of the conversation.</summary>
    MessageId,

    /// <summary>The thread that Outlook keeps.</summary>
    ThreadIndex,

    /// <summary>The number in the subject, and the sender takes part.</summary>
    Subject,
}

/// <param name="Subject">Of the ticket that was named, which may have been merged into this one.</param>
internal sealed record FoundThread(Ticket Ticket, ThreadSign By, string Subject);

/// <summary>Finds the ticket that a mail goes on with, and says what its sender may do there.</summary>
internal sealed class MailThread(MailToken token)
{
    /// <summary>Null when the mail begins something new.</summary>
    public async Task<FoundThread?> FindAsync(Tx tx, ParsedMail mail)
    {
        foreach (var text in mail.References.Concat(mail.Recipients))
            if (token.Read(text) is { } signed && await FoundAsync(tx, signed, ThreadSign.Token) is { } answered) return answered;
        if (await ArrivalStore.ByIdsAsync(tx, mail.References) is { } known && await FoundAsync(tx, known, ThreadSign.MessageId) is { } same) return same;
        if (mail.ThreadIndex is { } index && await ArrivalStore.ByThreadIndexAsync(tx, index) is { } rooted
            && await FoundAsync(tx, rooted, ThreadSign.ThreadIndex) is { } outlooks) return outlooks;
        if (mail.Tag is { } tag && IdText.TryParse<TicketId>(tag, out var number) && await FoundAsync(tx, number, ThreadSign.Subject) is { } named
            && await TakesPartAsync(tx, named.Ticket, mail.From, await PersonStore.SenderAsync(tx, mail.From))) return named;
        return null;
    }

    /// <summary>What staff should look at in a mail that went to <paramref name="ticket"/>; null for nothing.</summary>
    /// <param name="found">How it was found; null when it opened the ticket.</param>
    public static async Task<TicketChange.MailHint?> DoubtAsync(Tx tx, Ticket ticket, FoundThread? found, ParsedMail mail, Instant now)
    {
        if (found is not null)
            return mail.Subject.Length == 0 || MailParser.IsSameSubject(mail.Subject, found.Subject) || MailParser.IsSameSubject(mail.Subject, ticket.Subject) ? null : new(MailDoubt.ChangesSubject, null, mail.Subject);
        if (ticket.FollowsId is not null) return null;
        // Whoever guesses numbers learns nothing by this: staff alone reads it.
        if (mail.Tag is { } tag && IdText.TryParse<TicketId>(tag, out var number) && await FoundAsync(tx, number, ThreadSign.Subject) is { } named)
            return new(MailDoubt.NamesOther, named.Ticket.Id, mail.Subject);
        return mail.Subject.Length > 0 && await ArrivalStore.LooksLikeAsync(tx, ticket.Id, mail.From, mail.Subject, now) is { } other
            ? new(MailDoubt.LooksLikeOther, other, mail.Subject) : null;
    }

    /// <summary>Whether we wrote it: it came back to us, or somebody sends us our own.</summary>
    public bool IsOurs(ParsedMail mail, string support)
        => token.Read(mail.MessageId) is not null || (support.Length > 0 && mail.Automatic == AutomaticKind.None
            && Email.Key(mail.From) == Email.Key(support));

    /// <summary>Whether the sender is who he says he is and takes part in the ticket. Otherwise staff decides.</summary>
    public static async Task<bool> MayActAsync(Tx tx, FoundThread on, ParsedMail mail, Person? person)
    {
        if (!await TakesPartAsync(tx, on.Ticket, mail.From, person)) return false;
        if (mail.Verdict == SenderVerdict.Pass) return true;
        // Nobody vouches for the sender, so all that he shows is that he has a mail of ours. Those go to the participants,
        // who gain nothing by writing under another name that takes part; staff and colleagues are more than that.
        return on.By == ThreadSign.Token && mail.Verdict == SenderVerdict.Unknown && person?.Role.IsStaff() != true
            && await ArrivalStore.IsParticipantAsync(tx, on.Ticket.Id, mail.From);
    }

    private static async Task<bool> TakesPartAsync(Tx tx, Ticket ticket, string from, Person? person)
    {
        // Of somebody who never confirmed it, or who is shut out: then it is nobody's, whatever it took part in.
        if (person is null && await PersonStore.ByEmailAsync(tx, from) is not null) return false;
        if (await ArrivalStore.IsParticipantAsync(tx, ticket.Id, from)) return true;
        if (person is null) return false;
        if (person.Role.IsStaff()) return true;
        if (ticket.OrganisationId is not { } organisation) return false;
        if (person.OrganisationId == organisation) return true;
        return (await OrganisationStore.GetAsync(tx, organisation))?.PartnerId == person.OrganisationId;
    }

    /// <summary>The ticket of this number, or the one that it was merged into in the end.</summary>
    private static async Task<FoundThread?> FoundAsync(Tx tx, TicketId id, ThreadSign by)
    {
        var named = await TicketStore.GetAsync(tx, id);
        return named is null || await TicketStore.SurvivorAsync(tx, id) is not { } ticket ? null : new(ticket, by, named.Subject);
    }
}
