using Mithi.Kernel.Mail;
using Mithi.Kernel.Settings;

namespace Mithi.Helpdesk.Mail;

/// <summary>How this node takes mail in.</summary>
public static class IntakeSettings
{
    private const string Group = "Helpdesk mail";

    public static readonly Setting Address = new()
    {
        Key = "helpdesk.address", Group = Group, Title = "Support address",
        Help = "Where customers write to, like support@example.org. Answers come back here too.",
        Check = address => MailQueue.IsAddress(address) ? null : "This is not a mail address.",
    };

    public static readonly Setting Host = new()
    {
        Key = "helpdesk.imap-host", Group = Group, Title = "IMAP server",
        Help = "The server whose mailbox is read, like imap.example.org. While this is empty, no mail is fetched.",
        Check = host => Uri.CheckHostName(host) == UriHostNameType.Unknown ? "This is not the name of a host." : null,
    };

    public static readonly Setting Port = new()
    {
        Key = "helpdesk.imap-port", Group = Group, Title = "IMAP port", Kind = SettingKind.Number, Default = "993", Min = 1, Max = 65_535,
        Help = "993 with TLS, 143 with STARTTLS.",
    };

    public static readonly Setting Security = new()
    {
        Key = "helpdesk.imap-security", Group = Group, Title = "IMAP encryption", Kind = SettingKind.Choice, Default = "tls",
        Choices = [("tls", "TLS from the start"), ("starttls", "STARTTLS, always"), ("none", "None: for a server on this machine only")],
        Help = "The server's certificate is always checked.",
    };

    public static readonly Setting User = new() { Key = "helpdesk.imap-user", Group = Group, Title = "IMAP user name" };

    public static readonly Setting Password = new()
    {
        Key = "helpdesk.imap-password", Group = Group, Title = "IMAP password", Kind = SettingKind.Secret,
    };

    public static readonly Setting Folder = new()
    {
        Key = "helpdesk.imap-folder", Group = Group, Title = "IMAP folder", Default = "INBOX", Required = true,
        Help = "Mails in it are read once and stay where they are.",
    };

    public static readonly Setting PlusAddress = new()
    {
        Key = "helpdesk.plus-address", Group = Group, Title = "Answers go to support+number@", Kind = SettingKind.Flag,
        Help = "For a mail server that delivers support+anything@ to support@: then an answer finds its ticket even when a mail program drops all else.",
    };

    public static readonly Setting AuthServer = new()
    {
        Key = "helpdesk.auth-server", Group = Group, Title = "Checks of the sender by",
        Help = "The name that your mail server writes first into Authentication-Results. With it, a sender that failed the checks can't act as a known contact. Empty: only signed answers from the address that we write to in the ticket are trusted.",
    };

    public static readonly Setting Sealers = new()
    {
        Key = "helpdesk.arc-sealers", Group = Group, Title = "Seals that count, of",
        Help = "Domains of servers that pass mail on and seal it (ARC), like lists.example.org, with blanks between them. What the last of them found about a sender counts as if your own mail server had found it. Empty: no seal counts.",
        Check = domains => SenderTrust.Domains(domains).All(d => Uri.CheckHostName(d) == UriHostNameType.Dns) ? null : "One of these is not the name of a domain.",
    };

    public static IReadOnlyList<Setting> All { get; } = [Address, Host, Port, Security, User, Password, Folder, PlusAddress, AuthServer, Sealers];
}
