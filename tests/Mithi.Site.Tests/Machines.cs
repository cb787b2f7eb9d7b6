using Mithi.Protocol.Messages;

namespace Mithi.Site.Tests;

/// <summary>Machines and sheets to plan with.</summary>
internal static class Machines
{
    public const long Gib = 1L << 30;

    public static readonly SiteSheet Sheet = new(
        7, "mail", "asha-textiles.example", null, new("dhcp", null, null, null, []), "mithi-mail", "1.0.0", "mithi-os", "1.0.0",
        [new("asha", "Asha Rao", "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.")], "Asia/Kolkata", "en", "+91 20 5550 1234", null);

    public static DiskFact Disk(
        string serial, long bytes = 40 * Gib, string content = "", string? installation = null, bool removable = false, bool medium = false,
        string name = "vda")
        => new(name, "virtual disk", serial, null, bytes, "virtio", removable, medium, content.Length == 0, content, installation);

    public static Facts With(params DiskFact[] disks) => new(
        new("QEMU", "Standard PC", ""), "bios", false, 512L << 20, 2, "QEMU Virtual CPU", disks,
        [new("eth0", "52:54:00:12:34:56", "virtio_net", true, ["10.0.2.15/24"], "10.0.2.2", ["10.0.2.3"], true)],
        "Linux 6.1", DateTimeOffset.UnixEpoch);
}
