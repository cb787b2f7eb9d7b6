using MimeKit;
using Mithi.Kernel.Settings;

namespace Mithi.Kernel.Mail;

/// <summary>How this node sends mail.</summary>
public static class MailSettings
{
    private const string Group = "Sending mail";

    public static readonly Setting Host = new()
    {
        Key = "mail.host", Group = Group, Title = "Mail server",
        Help = "The server that takes our mails, like smtp.example.org. While this is empty, mails wait and nothing is lost.",
        Check = host => Uri.CheckHostName(host) == UriHostNameType.Unknown ? "This is not the name of a host." : null,
    };

    public static readonly Setting Port = new()
    {
        Key = "mail.port", Group = Group, Title = "Port", Kind = SettingKind.Number, Default = "587", Min = 1, Max = 65_535,
        Help = "587 with STARTTLS, 465 with TLS, 25 for a server beside this node.",
    };

    public static readonly Setting Security = new()
    {
        Key = "mail.security", Group = Group, Title = "Encryption", Kind = SettingKind.Choice, Default = "starttls",
        Choices = [("starttls", "STARTTLS, always"), ("tls", "TLS from the start"), ("none", "None: for a server on this machine only")],
        Help = "The server's certificate is always checked.",
    };

    public static readonly Setting User = new()
    {
        Key = "mail.user", Group = Group, Title = "User name", Help = "Empty for a server that knows us by our address.",
    };

    public static readonly Setting Password = new()
    {
        Key = "mail.password", Group = Group, Title = "Password", Kind = SettingKind.Secret,
    };

    public static readonly Setting From = new()
    {
        Key = "mail.from", Group = Group, Title = "Sender's address",
        Help = "Who our mails are from, like support@example.org. The mail server must accept it.",
        Check = address => MailQueue.IsAddress(address) ? null : "This is not a mail address.",
    };

    public static readonly Setting FromName = new()
    {
        Key = "mail.from-name", Group = Group, Title = "Sender's name", Default = "Support",
    };

    public static IReadOnlyList<Setting> All { get; } = [Host, Port, Security, User, Password, From, FromName];

    internal static MailboxAddress Mailbox(this MailTo to) => new(to.Name, to.Address);
}
