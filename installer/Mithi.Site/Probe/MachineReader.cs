using System.Globalization;
using System.Text;
using Mithi.Protocol.Messages;

namespace Mithi.Site.Probe;

/// <summary>Reads <see cref="Facts"/> from /sys, /proc and the disks themselves: no udev, no database of hardware.</summary>
/// <param name="time">What the machine's clock shows is a fact too.</param>
/// <param name="root">The folder that holds sys, proc and dev; a test has one of its own.</param>
internal sealed class MachineReader(TimeProvider time, string root = "/")
{
    // What is no disk of the machine: made by the kernel itself, or a drive for discs and floppies.
    private static readonly string[] NoDisk = ["loop", "ram", "zram", "sr", "fd", "dm-", "md", "nbd", "mtdblock"];

    public Facts Read() => new(
        new(Text("sys/class/dmi/id/sys_vendor"), Text("sys/class/dmi/id/product_name"), Text("sys/class/dmi/id/product_serial")),
        Directory.Exists(At("sys/firmware/efi")) ? "uefi" : "bios",
        SecureBoot(),
        MemoryBytes(),
        Math.Max(1, Values("proc/cpuinfo", "processor").Count()),
        Values("proc/cpuinfo", "model name").FirstOrDefault() ?? "",
        Disks(),
        Cards(),
        $"Linux {Text("proc/sys/kernel/osrelease")}",
        time.GetUtcNow());

    /// <summary>The cards alone: carriers come and go while somebody looks for a cable.</summary>
    public IReadOnlyList<NetworkFact> Cards()
    {
        var cards = new List<NetworkFact>();
        foreach (var folder in Folders("sys/class/net"))
        {
            var name = Path.GetFileName(folder);
            // 1 is Ethernet; a card that is really there has a device behind it.
            if (Text($"sys/class/net/{name}/type") != "1" || !Directory.Exists(At($"sys/class/net/{name}/device"))) continue;
            var lease = Lease.Read(At($"run/lease/{name}"));
            cards.Add(new(
                name, Text($"sys/class/net/{name}/address"), Driver(name), Text($"sys/class/net/{name}/carrier") == "1",
                lease is null ? [] : [lease.Address], lease?.Gateway, lease?.NameServers ?? [], Chosen: lease is not null));
        }
        return [.. cards.OrderBy(card => card.Mac, StringComparer.Ordinal)];
    }

    private List<DiskFact> Disks()
    {
        var disks = new List<DiskFact>();
        foreach (var folder in Folders("sys/block").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(folder);
            if (NoDisk.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) || disks.Count == Limits.DisksMax) continue;
            // Always in units of 512 bytes, whatever the disk's own are.
            if (!long.TryParse(Text($"sys/block/{name}/size"), CultureInfo.InvariantCulture, out var sectors) || sectors <= 0) continue;
            disks.Add(ReadDisk(name, sectors * 512));
        }
        return disks;
    }

    private DiskFact ReadDisk(string name, long bytes)
    {
        var removable = Text($"sys/block/{name}/removable") == "1" || Text($"sys/block/{name}/ro") == "1";
        var model = $"{Text($"sys/block/{name}/device/vendor")} {Text($"sys/block/{name}/device/model")}".Trim();
        var content = Content(name, bytes);
        var wwn = Text($"sys/block/{name}/wwid") is { Length: > 0 } direct ? direct : Text($"sys/block/{name}/device/wwid");
        return new(
            name, VendorName(model), Serial(name, wwn), wwn.Length > 0 ? Clean(wwn) : null, bytes, Transport(name), removable,
            content.Medium, content.Words.Length == 0, content.Words, content.Installation);
    }

    private DiskContent Content(string name, long bytes)
    {
        try
        {
            using var disk = File.OpenRead(At($"dev/{name}"));
            return DiskContent.Read(disk, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new("a disk that can't be read", Medium: false, null);   // Not blank: what can't be seen is not overwritten.
        }
    }

    /// <summary>virtio keeps it beside the disk, NVMe at its device, SCSI and SATA in a vital product data page.</summary>
    private string Serial(string name, string wwn)
    {
        foreach (var file in (string[])["serial", "device/serial"])
            if (Text($"sys/block/{name}/{file}") is { Length: > 0 } serial) return Clean(serial);
        if (Bytes($"sys/block/{name}/device/vpd_pg80") is { Length: > 4 } page)
            return Clean(Encoding.ASCII.GetString(page.AsSpan(4, Math.Min(page[3], page.Length - 4))));
        return Clean(wwn);
    }

    private static string Clean(string serial)
    {
        var clean = new string([.. serial.Where(c => c is > ' ' and < (char)127)]);
        return clean.Length > Limits.SerialCharsMax ? clean[^Limits.SerialCharsMax..] : clean;
    }

    // A virtio device knows its maker only by the number of its PCI vendor.
    private static string VendorName(string model) => model.StartsWith("0x1af4", StringComparison.Ordinal) ? "virtual disk" : model;

    private string Transport(string name)
    {
        var path = new DirectoryInfo(At($"sys/block/{name}")).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? "";
        if (name.StartsWith("nvme", StringComparison.Ordinal)) return "nvme";
        if (path.Contains("/usb", StringComparison.Ordinal)) return "usb";
        if (name.StartsWith("vd", StringComparison.Ordinal)) return "virtio";
        return path.Contains("/ata", StringComparison.Ordinal) ? "sata" : "scsi";
    }

    private string Driver(string card)
    {
        var link = new DirectoryInfo(At($"sys/class/net/{card}/device/driver"));
        // A card that no driver has claimed yet has no link.
        return link.Exists && link.ResolveLinkTarget(returnFinalTarget: true) is { } driver ? driver.Name : "";
    }

    private bool SecureBoot()
    {
        // UEFI specification, section 3.3: four bytes of attributes, then one byte.
        var variable = Bytes("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c");
        return variable is [_, _, _, _, 1, ..];
    }

    private long MemoryBytes()
        => long.TryParse(
            (Values("proc/meminfo", "MemTotal").FirstOrDefault() ?? "").Replace("kB", "", StringComparison.Ordinal).Trim(),
            CultureInfo.InvariantCulture, out var kib) ? kib << 10 : 0;

    private IEnumerable<string> Values(string file, string name)
        => from line in Text(file).Split('\n')
           let colon = line.IndexOf(':', StringComparison.Ordinal)
           where colon > 0 && line[..colon].Trim() == name
           select line[(colon + 1)..].Trim();

    private string[] Folders(string path) => Directory.Exists(At(path)) ? Directory.GetDirectories(At(path)) : [];

    private string Text(string path) => Encoding.UTF8.GetString(Bytes(path)).Trim('\0', '\n', ' ', '\t');

    private byte[] Bytes(string path)
    {
        try
        {
            using var file = File.OpenRead(At(path));
            var bytes = new byte[Limits.SmallFileBytesMax];   // Files of /sys do not know their own length.
            return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];   // Absent, or the driver has no answer: the fact is empty.
        }
    }

    private string At(string path) => Path.Join(root, path);
}
