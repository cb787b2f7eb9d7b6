using Mithi.Helpdesk.Ratings;
using Mithi.Helpdesk.Tickets;
using static Mithi.Helpdesk.Sample.SampleStep;

namespace Mithi.Helpdesk.Sample;

/// <param name="HoursAgo">Before the sample is made.</param>
internal sealed record SampleTicket(string Subject, TicketKind Kind, Priority Priority, double HoursAgo, string Body, params IReadOnlyList<SampleStep> Steps);

/// <summary>What happens next in a sample ticket.</summary>
internal abstract record SampleStep(double HoursAgo)
{
    public sealed record Takes(double HoursAgo) : SampleStep(HoursAgo);

    public sealed record Answers(double HoursAgo, string Body) : SampleStep(HoursAgo);

    public sealed record Writes(double HoursAgo, string Body) : SampleStep(HoursAgo);

    public sealed record Notes(double HoursAgo, string Body) : SampleStep(HoursAgo);

    public sealed record Moves(double HoursAgo, TicketState State) : SampleStep(HoursAgo);

    public sealed record HandsOver(double HoursAgo, Level Level, string Reason) : SampleStep(HoursAgo);

    public sealed record Rates(double HoursAgo, Rating Rating, string Comment) : SampleStep(HoursAgo);

    public sealed record Raises(double HoursAgo, Priority Priority) : SampleStep(HoursAgo);
}

internal static class SampleTickets
{
    public static IReadOnlyList<SampleTicket> All { get; } =
    [
        new("Mails with large attachments stay in the queue", TicketKind.Defect, Priority.P2, 72,
            "Since the installation of 1.0.0 every mail above 10 MB stays in the queue. mailq shows \"message size exceeds size limit\".\n\nSmaller mails go out at once.",
            new Takes(71), new Answers(70, "Thank you for the exact words of the queue. Please send me the output of postconf message_size_limit."),
            new Moves(70, TicketState.WaitingForCustomer), new Writes(66, "message_size_limit = 10240000"), new Moves(66, TicketState.Open),
            new Notes(65, "The payload of 1.0.0 never sets the limit, so Postfix uses its own default."),
            new HandsOver(64, Level.Development, "The limit is missing in main.cf of the payload; every site with 1.0.0 has this. Setting it to 50 MB helps."),
            new Answers(63, "We have found it: 1.0.0 does not set the limit. A patch will. Until then: postconf -e message_size_limit=52428800 and postfix reload.")),
        new("How do I add an alias for a group?", TicketKind.Question, Priority.P4, 30, "sales@ should reach three people. Where do I write that?",
            new Takes(28), new Answers(28, "In the file /etc/aliases, one line: sales: asha, ravi, meera - and then run newaliases. The applications manual has a page about it."),
            new Moves(28, TicketState.WaitingForCustomer)),
        new("Nobody can read mail", TicketKind.Incident, Priority.P3, 9, "IMAP asks for the password again and again, for everybody. It began at noon.",
            new Raises(8.9, Priority.P1), new Takes(8.9), new Answers(8.8, "We are looking at it now. Please tell us whether the disk is full: df -h /var"),
            new Writes(8.5, "/var is at 100 %."), new Answers(8.2, "The journal filled it. Please run: journalctl --vacuum-size=500M"),
            new Writes(8, "That was it. Everybody can read again."), new Moves(7.9, TicketState.Resolved)),
        new("Certificate warning on phones", TicketKind.Incident, Priority.P3, 50, "Android phones say that the certificate is not trusted. Computers do not.",
            new Takes(48), new Answers(47, "The intermediate certificate is missing in the file. Please add it below your own and restart."),
            new Moves(47, TicketState.WaitingForCustomer), new Writes(26, "The authority sent it to us. It is in, and the phones are quiet."),
            new Moves(25, TicketState.Resolved)),
        new("Please make the sign-in page Hindi", TicketKind.Suggestion, Priority.P4, 200, "Our people in the branches read Hindi better than English.",
            new Answers(190, "The pages follow the browser's language, and Hindi is there: set it as the first language in the browser."), new Moves(190, TicketState.Resolved),
            new Moves(20, TicketState.Closed)),
        new("Second server in the Pune branch", TicketKind.Request, Priority.P3, 26, "We open a branch in Pune in three weeks and need a server there. What do you need from us?",
            new Takes(24), new Notes(24, "Line is 4 Mbit/s. Plan the installation from a stick."),
            new Answers(23, "We need the address of the network, a name for the server and somebody on site for an hour. The setup sheet is attached to the plan of the site."),
            new Moves(23, TicketState.WaitingForCustomer)),
        new("Mail to one bank is refused", TicketKind.Incident, Priority.P2, 5, "550 5.7.1 is what they answer. Other banks take our mail.",
            new Takes(4), new Notes(3.5, "Their SPF check fails: the new line has another address."), new HandsOver(3, Level.L2, "SPF record has the old address. Customer's DNS is with a provider; needs guiding.")),
        new("Restore of a deleted folder", TicketKind.Request, Priority.P2, 3, "meera deleted the folder Contracts yesterday evening. Can you bring it back from the backup?", new Takes(2.5)),
        new("Password rules for the auditors", TicketKind.Question, Priority.P4, 2, "Our auditors ask how long passwords are and after how many wrong ones an account is locked."),
        new("Slow webmail in the afternoon", TicketKind.Incident, Priority.P3, 100, "Between three and five every page takes ten seconds.",
            new Takes(97), new Answers(96, "Please send us the load of one such afternoon: sar -q is already installed."), new Moves(96, TicketState.WaitingForCustomer),
            new Writes(74, "Attached. It is 14 at four o'clock."), new Moves(74, TicketState.Open),
            new HandsOver(73, Level.L2, "Load 14 at 16:00; indexing job of the mailbox search is suspected."),
            new HandsOver(50, Level.L3, "Not the index: the disk is slow. Controller's battery is at its end."),
            new Answers(49, "The battery of the disk controller is worn out, so every write waits. The hardware vendor has been asked for a new one."),
            new Moves(49, TicketState.WaitingForVendor)),
        new("Update to the next service pack", TicketKind.Request, Priority.P3, 150, "Please plan the service pack for a Sunday.",
            new Takes(148), new Answers(147, "Planned for Sunday, 06:00. We watch it from here; nobody has to be on site."), new Moves(120, TicketState.Resolved), new Rates(118, Rating.Good, "Nobody noticed it. That is how we like it.")),
        new("Old server still receives some mail", TicketKind.Incident, Priority.P3, 1, "A few senders still reach the server that we switched off last week. How do we find out why?"),
    ];
}
