namespace Mithi.Protocol.Messages;

/// <summary>What the probe found on the machine.</summary>
/// <param name="Machine">Vendor, model and serial as the firmware tells them.</param>
/// <param name="Firmware"><c>bios</c> or <c>uefi</c>.</param>
/// <param name="SecureBoot">Whether it is on.</param>
/// <param name="MemoryBytes">Usable memory.</param>
/// <param name="Processors">Logical processors.</param>
/// <param name="Processor">The model's name.</param>
/// <param name="Disks">All block devices that could hold a system, and those that could not, so that nobody wonders.</param>
/// <param name="Networks">All network cards.</param>
/// <param name="System">The kernel or system that is running.</param>
/// <param name="Clock">What the machine's clock showed.</param>
public sealed record Facts(
    MachineFact Machine,
    string Firmware,
    bool SecureBoot,
    long MemoryBytes,
    int Processors,
    string Processor,
    IReadOnlyList<DiskFact> Disks,
    IReadOnlyList<NetworkFact> Networks,
    string System,
    DateTimeOffset Clock);

/// <summary>The machine as the firmware names it; empty where it does not.</summary>
public sealed record MachineFact(string Vendor, string Model, string Serial);

/// <summary>A disk.</summary>
/// <param name="Name">Like <c>vda</c>; only to show, never to choose by.</param>
/// <param name="Model">As the disk tells it.</param>
/// <param name="Serial">As the disk tells it; empty when it does not.</param>
/// <param name="Wwn">World wide name, or null.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Transport"><c>virtio</c>, <c>sata</c>, <c>nvme</c>, <c>usb</c>, ...</param>
/// <param name="Removable">Whether it can be pulled out; never a candidate.</param>
/// <param name="BootMedium">Whether the machine was started from it; never a candidate.</param>
/// <param name="Blank">Whether nothing was found on it: no table, no file system, no signature, zeros at both ends.</param>
/// <param name="Content">What was found, in words; empty when blank.</param>
/// <param name="Installation">The id of one of our installations on it, or null.</param>
public sealed record DiskFact(
    string Name,
    string Model,
    string Serial,
    string? Wwn,
    long Bytes,
    string Transport,
    bool Removable,
    bool BootMedium,
    bool Blank,
    string Content,
    string? Installation);

/// <summary>A network card.</summary>
/// <param name="Name">Like <c>eth0</c>; only to show.</param>
/// <param name="Mac">Like <c>52:54:00:12:34:56</c>.</param>
/// <param name="Driver">The kernel's driver.</param>
/// <param name="Carrier">Whether a cable with somebody at its other end is in.</param>
/// <param name="Addresses">With prefix length.</param>
/// <param name="Gateway">Or null.</param>
/// <param name="NameServers">In order.</param>
/// <param name="Chosen">Whether the node was reached through it.</param>
public sealed record NetworkFact(
    string Name,
    string Mac,
    string Driver,
    bool Carrier,
    IReadOnlyList<string> Addresses,
    string? Gateway,
    IReadOnlyList<string> NameServers,
    bool Chosen);
