using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Mithi.Protocol.Messages;
using Mithi.Site.Ask;

namespace Mithi.Site.Plan;

/// <summary>What would be done on this machine for this sheet. A pure function of both: the dry run shows exactly what happens.</summary>
/// <param name="Id">The installation's id.</param>
/// <param name="Sheet">What the engineer wants.</param>
/// <param name="Disk">The disk that is written; null when none can be chosen.</param>
/// <param name="Layout">How it is divided; null with it.</param>
/// <param name="Choices">Every disk, with the reason why it is used or not.</param>
/// <param name="Faults">Why it can't be carried out; empty when it can.</param>
internal sealed partial record InstallPlan(
    string Id, SiteSheet Sheet, DiskFact? Disk, DiskLayout? Layout, IReadOnlyList<PlanDisk> Choices,
    IReadOnlyList<(Fault Fault, string Text)> Faults)
{
    /// <summary>What it was made of. The machine looks otherwise once the plan is carried out: its disk is no longer blank.</summary>
    public required Facts Facts { get; init; }

    /// <summary>The stages in their order; those behind <see cref="Stage.Reboot"/> run on the installed system.</summary>
    public static readonly IReadOnlyList<Stage> Stages = Enum.GetValues<Stage>();

    public static InstallPlan For(string id, Facts facts, SiteSheet sheet)
    {
        var faults = new List<(Fault, string)>();
        CheckSheet(sheet);
        if (facts.MemoryBytes < Limits.MemoryBytesMin)
            faults.Add((Ask.Faults.Memory, $"{facts.MemoryBytes >> 20} MiB, needed are {Limits.MemoryBytesMin >> 20}"));
        var disk = Choose(facts.Disks, sheet, faults);
        if (disk is not null && disk.Bytes >> 20 < DiskLayout.MibMin)
            faults.Add((Ask.Faults.DiskSmall, $"{Size(disk.Bytes)}, needed are {Size(DiskLayout.MibMin << 20)}"));
        var fits = disk is not null && disk.Bytes >> 20 >= DiskLayout.MibMin;
        return new(
            id, sheet, disk, fits ? DiskLayout.For(id, disk!.Bytes) : null,
            [.. facts.Disks.Select(one => new PlanDisk(one.Name, one.Model, one.Serial, one.Bytes, one == disk, Why(one, disk, sheet)))],
            faults)
        {
            Facts = facts,
        };
    }

    /// <summary>Whether the operator must type the end of the disk's serial number before anything is written.</summary>
    public bool NeedsConfirmation => Disk is { Blank: false };

    /// <summary>What the operator types to allow it.</summary>
    public static string Confirmation(DiskFact disk)
        => (disk.Serial.Length <= 4 ? disk.Serial : disk.Serial[^4..]).ToUpperInvariant();

    /// <summary>SHA-256 over the dry run and everything that decides it: an approval names this.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical())));

    public PlanProposal ToProposal() => new(
        Id, Digest, Sheet.Revision, Describe(), Choices, [.. Stages.Select(stage => stage.Name())],
        Disk is { Blank: false } ? Destroys(Disk) : null,
        [.. Faults.Select(fault => new PlanFault(fault.Fault.Id, $"{fault.Fault.Engineer} {fault.Text}.".Trim()))]);

    /// <summary>The dry run, line by line.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach (var (fault, reason) in Faults) text.AppendLine($"CANNOT: {fault.Id} {fault.Engineer} {reason}");
        if (Disk is not null && Layout is not null)
        {
            text.AppendLine($"Disk {Disk.Serial} ({Disk.Model}, {Size(Disk.Bytes)}, now {Disk.Name}): " +
                (Disk.Blank ? "blank" : $"ERASE {Disk.Content} after the operator typed {Confirmation(Disk)}"));
            foreach (var part in Layout.Partitions)
                text.AppendLine($"  {part.Number} {part.Name,-14} {part.Mib,8} MiB  {part.FileSystem ?? "-",-5} {part.FileSystemId}".TrimEnd());
        }
        text.AppendLine($"System {Sheet.OsImage} {Sheet.OsVersion} to root A; started by GRUB from this disk");
        text.AppendLine($"Product {Sheet.Product} {Sheet.Version} after the first start");
        text.AppendLine($"Name {Sheet.HostName}.{Sheet.Domain}, time zone {Sheet.TimeZone}, {Sheet.Mailboxes.Count} mailboxes");
        text.AppendLine(Sheet.Network.Mode == "static"
            ? $"Network {Sheet.Network.Address} by {Sheet.Network.Gateway}" : "Network by DHCP");
        return text.ToString();
    }

    private string Canonical()
    {
        var sheet = System.Text.Json.JsonSerializer.Serialize(Sheet, ProtocolJson.Default.SiteSheet);
        return $"{Id}\n{Disk?.Serial}\n{Disk?.Installation}\n{Layout?.ToScript()}\n{sheet}\n{Describe()}";
    }

    private static DiskFact? Choose(IReadOnlyList<DiskFact> disks, SiteSheet sheet, List<(Fault, string)> faults)
    {
        var candidates = disks.Where(disk => NotCandidate(disk) is null).ToList();
        if (candidates.Count == 0)
        {
            faults.Add((Ask.Faults.NoDisk, $"{disks.Count} disks, none that could be used"));
            return null;
        }
        if (sheet.DiskSerial is { } serial)
        {
            var named = candidates.Where(disk => disk.Serial == serial || disk.Wwn == serial).ToList();
            if (named.Count != 1)
            {
                faults.Add((Ask.Faults.DiskAbsent, $"{serial} was asked for"));
                return null;
            }
            if (!MayWrite(named[0], sheet)) faults.Add((Ask.Faults.NotBlank, $"{serial} holds {named[0].Content}"));
            return named[0];
        }
        var usable = candidates.Where(disk => MayWrite(disk, sheet)).ToList();
        if (usable.Count == 1) return usable[0];
        faults.Add(usable.Count == 0
            ? (Ask.Faults.NotBlank, string.Join(", ", candidates.Select(disk => $"{disk.Serial} holds {disk.Content}")))
            : (Ask.Faults.WhichDisk, string.Join(", ", usable.Select(disk => disk.Serial))));
        return null;
    }

    // A disk is overwritten only when it is blank, or when the sheet names what is on it.
    private static bool MayWrite(DiskFact disk, SiteSheet sheet)
        => disk.Blank || sheet.MayDestroy is { } id && Destroys(disk) == id;

    /// <summary>What a sheet must name for this disk to be overwritten.</summary>
    public static string Destroys(DiskFact disk) => disk.Installation ?? $"data on {disk.Serial}";

    private static string? NotCandidate(DiskFact disk)
        => disk.BootMedium ? "the boot medium" : disk.Removable ? "removable or read-only"
            : disk.Serial.Length == 0 ? "it has no serial number" : null;

    private static string Why(DiskFact disk, DiskFact? chosen, SiteSheet sheet)
        => NotCandidate(disk) is { } reason ? $"never: {reason}"
            : disk == chosen ? sheet.DiskSerial is null ? "the only one that may be written" : "named by the sheet"
            : disk.Blank ? "blank, not named" : $"holds {disk.Content}";

    // Names go into files of the target and on command lines; what is no name is refused before it comes near them.
    private static void CheckSheet(SiteSheet sheet)
    {
        if (!NamePattern().IsMatch(sheet.HostName) || !DomainPattern().IsMatch(sheet.Domain) || sheet.Domain.Length > 190)
            throw new FaultException(Ask.Faults.Unsigned, $"the sheet's host name {sheet.HostName}.{sheet.Domain} is none");
        foreach (var name in (string[])[sheet.Product, sheet.Version, sheet.OsImage, sheet.OsVersion])
            if (!ReleasePattern().IsMatch(name)) throw new FaultException(Ask.Faults.Unsigned, $"the sheet's release {name} is none");
        if (!ZonePattern().IsMatch(sheet.TimeZone) || sheet.TimeZone.Contains("..", StringComparison.Ordinal))
            throw new FaultException(Ask.Faults.Unsigned, $"the sheet's time zone {sheet.TimeZone} is none");
        foreach (var box in sheet.Mailboxes)
            if (!MailboxPattern().IsMatch(box.Name) || !HashPattern().IsMatch(box.PasswordHash))
                throw new FaultException(Ask.Faults.Unsigned, $"the sheet's mailbox {box.Name} is none");
        if (!IsNetwork(sheet.Network)) throw new FaultException(Ask.Faults.Unsigned, "the sheet's network is none");
    }

    private static bool IsNetwork(NetworkSheet network)
        => network.Mode is "dhcp" or "static"
            && (network.Mac is null || MacPattern().IsMatch(network.Mac))
            && network.NameServers.All(server => IPAddress.TryParse(server, out _))
            && (network.Mode == "dhcp" || IsAddressWithPrefix(network.Address) && IPAddress.TryParse(network.Gateway, out _));

    private static bool IsAddressWithPrefix(string? text)
        => text?.Split('/') is [var address, var prefix] && IPAddress.TryParse(address, out var parsed)
            && byte.TryParse(prefix, out var bits) && bits <= parsed.GetAddressBytes().Length * 8;

    public static string Size(long bytes) => bytes >= 1L << 40 ? $"{bytes / (double)(1L << 40):0.0} TiB" : $"{bytes / (double)(1L << 30):0.0} GiB";

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+\z")]
    private static partial Regex DomainPattern();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex MailboxPattern();

    // crypt(3), SHA-512.
    [GeneratedRegex(@"^\$6\$(rounds=[0-9]{4,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}\z")]
    private static partial Regex HashPattern();

    [GeneratedRegex(@"^([0-9a-f]{2}:){5}[0-9a-f]{2}\z")]
    private static partial Regex MacPattern();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{0,63}\z")]
    private static partial Regex ReleasePattern();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+/-]{0,63}\z")]
    private static partial Regex ZonePattern();
}
