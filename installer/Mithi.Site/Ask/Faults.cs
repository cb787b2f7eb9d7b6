namespace Mithi.Site.Ask;

/// <summary>A fault that somebody must hear of: its code is spoken on the telephone.</summary>
/// <param name="Id">Like <c>NET-02</c>; in logs, at the node and in the manual.</param>
/// <param name="Spoken">How the operator reads it out.</param>
/// <param name="Operator">What the operator sees: what to look at, what to do.</param>
/// <param name="Engineer">What the engineer should know. The details of the case come beside it.</param>
/// <param name="Retries">Whether the installer tries again by itself; otherwise it waits for a person.</param>
internal sealed record Fault(string Id, string Spoken, string Operator, string Engineer, bool Retries);

/// <summary>All faults that can occur. Each has its words in wiki-content/reference/fault-codes.md, which a test compares.</summary>
internal static class Faults
{
    public static readonly Fault Memory = new("HW-01", "hardware one",
        "This machine has too little memory.", "Less memory than the installer needs to unpack a system.", Retries: false);
    public static readonly Fault NoDisk = new("HW-02", "hardware two",
        "No disk was found in this machine.", "No fixed disk with a serial number: absent, not attached, or no driver for its controller.",
        Retries: true);
    public static readonly Fault NoCard = new("HW-03", "hardware three",
        "No network card was found in this machine.", "No Ethernet card with a driver in this medium's profile.", Retries: true);
    public static readonly Fault NoLink = new("NET-01", "network one",
        "Plug the network cable in, at the machine and at the socket.", "No card has a carrier.", Retries: true);
    public static readonly Fault NoLease = new("NET-02", "network two",
        "The network gives this machine no address. Is the router on?", "No answer to DHCP on any card with a carrier.", Retries: true);
    public static readonly Fault NoName = new("NET-04", "network four",
        "The network does not know the support centre's name.", "The node's name can't be resolved with the name servers of the lease.",
        Retries: true);
    public static readonly Fault Intercepted = new("NET-07", "network seven",
        "Something in this network listens in. Tell the engineer before going on.",
        "The server's key is none of those on the medium: interception, or the node's key was changed.", Retries: true);
    public static readonly Fault NodeDown = new("NET-08", "network eight",
        "The support centre does not answer. This machine tries again by itself.", "No connection to any address of the node.", Retries: true);
    public static readonly Fault Stamp = new("NODE-01", "node one",
        "This medium belongs to no site. Ask the engineer for another one.", "The medium has no stamp, or one that can't be read.", Retries: false);
    public static readonly Fault Refused = new("NODE-02", "node two",
        "The support centre does not accept this machine. Tell the engineer.", "The node refused the handshake.", Retries: true);
    public static readonly Fault PairingExpired = new("PAIR-01", "pairing one",
        "The code was not entered in time. A new one is shown.", "The pairing's 15 minutes are over.", Retries: true);
    public static readonly Fault PairingMismatch = new("PAIR-02", "pairing two",
        "The code was entered wrongly too often. A new one is shown.", "Five wrong codes.", Retries: true);
    public static readonly Fault DiskAbsent = new("PLAN-01", "plan one",
        "The disk that the plan names is not in this machine.", "No disk has the serial number of the site's sheet.", Retries: false);
    public static readonly Fault DiskSmall = new("PLAN-02", "plan two",
        "The disk is too small.", "The chosen disk does not hold two systems and the smallest data partition.", Retries: false);
    public static readonly Fault Unsigned = new("PLAN-03", "plan three",
        "An order of the support centre is not in order. Tell the engineer.", "A command's signature, target, time or counter is wrong.",
        Retries: false);
    public static readonly Fault NotBlank = new("PLAN-04", "plan four",
        "There is something on the disk. Ask the engineer what to do.", "The chosen disk is not blank and the sheet allows no overwriting.",
        Retries: false);
    public static readonly Fault WhichDisk = new("PLAN-05", "plan five",
        "There are several disks. The engineer must choose one.", "Several blank disks, and the sheet names none.", Retries: false);
    public static readonly Fault Partition = new("DSK-01", "disk one",
        "The disk can't be prepared. It may be failing.", "Writing the partition table failed or did not read back.", Retries: true);
    public static readonly Fault Format = new("DSK-02", "disk two",
        "The disk can't be prepared. It may be failing.", "Making or mounting a file system failed.", Retries: true);
    public static readonly Fault Write = new("DSK-03", "disk three",
        "The disk can't be written. It may be failing.", "Unpacking or configuring the system failed.", Retries: true);
    public static readonly Fault ImageHash = new("IMG-01", "image one",
        "A download was damaged. It is fetched again.", "A target's hash or length is not that of the signed metadata.", Retries: true);
    public static readonly Fault ImageTrust = new("IMG-02", "image two",
        "A download is not signed by the maker. Tell the engineer.", "The release metadata was refused.", Retries: true);
    public static readonly Fault NoSource = new("IMG-03", "image three",
        "The support centre does not give the download. This machine tries again by itself.",
        "The node refused or broke off the download, or the release is not there.", Retries: true);
    public static readonly Fault NoSpace = new("IMG-04", "image four",
        "The disk is full.", "A download does not fit on the data partition.", Retries: false);
    public static readonly Fault BootLoader = new("BOOT-01", "boot one",
        "The disk can't be made to start by itself.", "grub-install or its configuration failed.", Retries: true);
    public static readonly Fault FirstBoot = new("FB-02", "first boot two",
        "The system has started, but a part of it has not. The engineer has been told.", "A unit of the installed system failed.", Retries: true);
    public static readonly Fault Apply = new("APP-01", "application one",
        "The mail server could not be installed. The engineer has been told.", "The apply engine refused or failed; the old version is as it was.",
        Retries: true);
    public static readonly Fault Unhealthy = new("APP-02", "application two",
        "The mail server does not work yet. The engineer has been told.", "A health check failed after the release was applied.", Retries: true);
    public static readonly Fault Program = new("PROG-01", "program one",
        "The installer made a mistake. It tries again by itself.", "An unexpected exception; the text is a fault report.", Retries: true);

    /// <summary>In the manual's order.</summary>
    public static readonly IReadOnlyList<Fault> All =
    [
        Memory, NoDisk, NoCard, NoLink, NoLease, NoName, Intercepted, NodeDown, Stamp, Refused, PairingExpired, PairingMismatch,
        DiskAbsent, DiskSmall, Unsigned, NotBlank, WhichDisk, Partition, Format, Write, ImageHash, ImageTrust, NoSource, NoSpace,
        BootLoader, FirstBoot, Apply, Unhealthy, Program,
    ];
}

/// <summary>A step can't go on. Caught by the runner, which shows the code and tries again or waits.</summary>
internal sealed class FaultException(Fault fault, string detail, Exception? inner = null) : Exception($"{fault.Id}: {detail}", inner)
{
    public Fault Fault { get; } = fault;

    /// <summary>What the case was, for the engineer.</summary>
    public string Detail { get; } = detail;
}
