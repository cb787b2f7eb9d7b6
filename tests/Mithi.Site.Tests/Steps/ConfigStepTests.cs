using Mithi.Protocol.Messages;
using Mithi.Site.Plan;
using Mithi.Site.Steps;
using Xunit;
using static Mithi.Site.Tests.Machines;

namespace Mithi.Site.Tests.Steps;

public sealed class ConfigStepTests
{
    private static readonly IReadOnlyList<NetworkFact> Cards = With().Networks;

    [Fact]
    public void A_network_file_names_the_card_by_its_address()
    {
        var (name, text) = Assert.Single(ConfigStep.NetworkFiles(Cards, new("dhcp", null, null, null, [])));

        Assert.Equal("10-mithi-525400123456.network", name);
        Assert.Equal("[Match]\nMACAddress=52:54:00:12:34:56\n\n[Network]\nDHCP=yes\n", text);
    }

    [Fact]
    public void A_static_address_comes_with_gateway_and_name_servers()
    {
        var (_, text) = Assert.Single(ConfigStep.NetworkFiles(
            Cards, new("static", "52:54:00:00:00:01", "10.0.0.5/24", "10.0.0.1", ["10.0.0.2", "10.0.0.3"])));

        Assert.Contains("MACAddress=52:54:00:00:00:01", text, StringComparison.Ordinal);
        Assert.Contains("Address=10.0.0.5/24\nGateway=10.0.0.1\nDNS=10.0.0.2\nDNS=10.0.0.3\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("DHCP", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_systems_are_named_by_their_ids_alone()
    {
        var layout = DiskLayout.For("p1", 12 * Gib);
        var lines = ConfigStep.Fstab(layout).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal($"UUID={layout.RootA.FileSystemId} / ext4 errors=remount-ro 0 1", lines[0]);
        Assert.DoesNotContain(lines, line => line.StartsWith("/dev", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Equal(6, line.Split(' ').Length));
        Assert.Contains(lines, line => line.StartsWith("/data/var /var none bind", StringComparison.Ordinal));
    }

    [Fact]
    public void The_boot_loader_finds_the_root_by_its_id()
    {
        var layout = DiskLayout.For("p1", 12 * Gib);
        var text = BootStep.Configuration(layout);

        Assert.Contains($"search --no-floppy --fs-uuid --set=root {layout.RootA.FileSystemId}", text, StringComparison.Ordinal);
        Assert.Contains($"root=UUID={layout.RootA.FileSystemId} ro", text, StringComparison.Ordinal);
        Assert.DoesNotContain("vda", text, StringComparison.Ordinal);
    }
}
