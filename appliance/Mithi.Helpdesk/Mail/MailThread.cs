using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;

namespace Mithi.Helpdesk.Mail;

/// <summary>By what a mail was found to belong to a ticket, the surest first.</summary>
internal enum ThreadSign
{
    /// <summary>A signed number of ours: its sender has had a mail about this ticket.</summary>
    Token,

    /// <summary>A Message-ID of the conversation.</summary>
    MessageId,

    /// <summary>The number in the subject, and the sender takes part.</summary>
    Subject,
}

internal sealed record FoundThread(Ticket Ticket, ThreadSign By);

/// <summary>Finds the ticket that a mail goes on with, and says what its sender may do there.</summary>
internal sealed class MailThread(MailToken token)
{
    /// <summary>Null when the mail begins something new.</summary>
    public async Task<FoundThread?> FindAsync(Tx tx, ParsedMail mail)
    {
        foreach (var text in mail.Recipients.Concat(mail.References))
            if (token.Read(text) is { } signed && await SurvivorAsync(tx, signed) is { } ticket) return new(ticket, ThreadSign.Token);
        if (await ArrivalStore.ByIdsAsync(tx, mail.References) is { } known && await SurvivorAsync(tx, known) is { } same) return new(same, ThreadSign.MessageId);
        if (mail.Tag is { } tag && IdText.TryParse<TicketId>(tag, out var number) && await SurvivorAsync(tx, number) is { } named
            && await TakesPartAsync(tx, named, mail.From, await PersonStore.SenderAsync(tx, mail.From))) return new(named, ThreadSign.Subject);
        return null;
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

    private static async Task<Ticket?> SurvivorAsync(Tx tx, TicketId id)
    {
        var ticket = await TicketStore.GetAsync(tx, id);
        return ticket?.MergedIntoId is { } survivor ? await TicketStore.GetAsync(tx, survivor) : ticket;
    }
}
