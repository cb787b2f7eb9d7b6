using Mithi.Kernel.Mail;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Mail;

/// <summary>What became of a mail, in its reader's words. Rows keep the reasons by their names, which stay the same for programs.</summary>
public static class ArrivalWords
{
    /// <summary>An English key.</summary>
    public static string Of(MailOutcome outcome) => outcome switch
    {
        MailOutcome.Opened => "New ticket",
        MailOutcome.Replied => "Answer",
        MailOutcome.Held => "Kept as a note",
        MailOutcome.Automatic => "A machine's: logged",
        MailOutcome.Duplicate => "Second delivery",
        MailOutcome.Own => "Our own",
        _ => "Could not be read",
    };

    public static string Colour(MailOutcome outcome) => outcome switch
    {
        MailOutcome.Opened or MailOutcome.Replied => "good",
        MailOutcome.Held => "warn",
        MailOutcome.Quarantined => "bad",
        _ => "",
    };

    /// <summary>What is wrong with an address: an English key, with the number of soft bounces for its place.</summary>
    public static string Of(AddressFault fault) => fault switch
    {
        AddressFault.SoftBounce => "came back {0} times",
        AddressFault.HardBounce => "nobody has this address",
        AddressFault.OptOut => "wants no automatic mail",
        _ => "reported our mail as abuse",
    };

    public static string Badge(AddressFault fault) => fault == AddressFault.SoftBounce ? "badge warn" : "badge bad";

    /// <summary>Why; what no name says, such as a reader's fault, as it is.</summary>
    public static string Reason(ReaderTexts t, string reason) => reason.Split(", sender ") switch
    {
        ["Found by Token"] => t["Found by the signed number in its address"],
        ["Found by MessageId"] => t["Found by the mail that it answers"],
        ["Found by ThreadIndex"] => t["Found by the thread of the mail program"],
        ["Found by Subject"] => t["Found by the number in its subject"],
        [var found, "Fail"] => t["{0}; its sender is forged", Reason(t, found)],
        [var found, _] => t["{0}; its sender could not be verified", Reason(t, found)],
        _ => Machine(t, reason),
    };

    /// <summary>Why a mail counts as a machine's.</summary>
    public static string Machine(ReaderTexts t, string kind) => kind switch
    {
        nameof(AutomaticKind.Bounce) => t["a mail that came back"],
        nameof(AutomaticKind.FeedbackReport) => t["a report of abuse"],
        nameof(AutomaticKind.AutoReply) => t["an automatic answer"],
        nameof(AutomaticKind.List) => t["a mailing list"],
        "From staff" => t["From staff"],
        "It has no sender that could be answered." => t["It has no sender that could be answered."],
        _ => kind,
    };
}
