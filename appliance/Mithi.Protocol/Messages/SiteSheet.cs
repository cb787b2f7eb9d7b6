namespace Mithi.Protocol.Messages;

/// <summary>What the engineer wants at a site. Facts and sheet together give the plan.</summary>
/// <param name="Revision">Rises with each change.</param>
/// <param name="HostName">The first label, like <c>mail</c>.</param>
/// <param name="Domain">The mail domain, like <c>asha-textiles.example</c>.</param>
/// <param name="DiskSerial">The disk to install on; null means the only blank fixed disk.</param>
/// <param name="Network">How the machine gets its address.</param>
/// <param name="Product">The product to install.</param>
/// <param name="Version">Its version, a service pack or a patch included.</param>
/// <param name="OsImage">The product name of the OS image.</param>
/// <param name="OsVersion">Its version.</param>
/// <param name="Mailboxes">Who gets mail there on the first day.</param>
/// <param name="TimeZone">Like <c>Asia/Kolkata</c>.</param>
/// <param name="Language">Of the local screen: <c>en</c> or <c>hi</c>.</param>
/// <param name="Phone">The engineer's telephone number on the local screen; empty when there is none.</param>
/// <param name="MayDestroy">The id of the installation that this plan may destroy; null: none, so only blank disks are used.</param>
public sealed record SiteSheet(
    long Revision,
    string HostName,
    string Domain,
    string? DiskSerial,
    NetworkSheet Network,
    string Product,
    string Version,
    string OsImage,
    string OsVersion,
    IReadOnlyList<MailboxSheet> Mailboxes,
    string TimeZone,
    string Language,
    string Phone,
    string? MayDestroy);

/// <summary>One network object for the installer and the installed system. Matched by MAC, never by name.</summary>
/// <param name="Mode"><c>dhcp</c> or <c>static</c>.</param>
/// <param name="Mac">The card; null means the one that reaches the node.</param>
/// <param name="Address">With prefix length; only when static.</param>
/// <param name="Gateway">Only when static.</param>
/// <param name="NameServers">Empty means those that DHCP gives.</param>
public sealed record NetworkSheet(
    string Mode, string? Mac, string? Address, string? Gateway, IReadOnlyList<string> NameServers);

/// <summary>A mailbox of the first day.</summary>
/// <param name="Name">The part before the @.</param>
/// <param name="FullName">Of the person.</param>
/// <param name="PasswordHash">In the form of crypt(3), SHA-512: <c>$6$salt$hash</c>. The password itself never travels.</param>
public sealed record MailboxSheet(string Name, string FullName, string PasswordHash);
