using Mithi.Site.Probe;
using Xunit;

namespace Mithi.Site.Tests.Probe;

public sealed class MachineReaderTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_virtio_disk_is_named_by_its_serial_and_known_as_blank()
    {
        Block("vda", sectors: 16_384, ("serial", "QM00017\n"), ("removable", "0"), ("ro", "0"));
        Device("vda", new byte[8 << 20]);

        var disk = Assert.Single(new MachineReader(TimeProvider.System, _root.Path).Read().Disks);

        Assert.Equal(("vda", "QM00017", 8L << 20, true), (disk.Name, disk.Serial, disk.Bytes, disk.Blank));
    }

    [Fact]
    public void A_scsi_disks_serial_is_read_from_its_page()
    {
        Block("sda", sectors: 16_384, ("removable", "0"), ("device/model", "DISK"));
        File.WriteAllBytes(_root.At("sys/block/sda/device/vpd_pg80"), [0, 0x80, 0, 8, .. "WD-4711A"u8]);
        Device("sda", new byte[8 << 20]);

        Assert.Equal("WD-4711A", Assert.Single(new MachineReader(TimeProvider.System, _root.Path).Read().Disks).Serial);
    }

    [Fact]
    public void A_disk_that_can_not_be_read_is_not_blank()
    {
        Block("vda", sectors: 16_384, ("serial", "QM1"));

        var disk = Assert.Single(new MachineReader(TimeProvider.System, _root.Path).Read().Disks);

        Assert.False(disk.Blank);
    }

    [Fact]
    public void A_disk_that_ends_before_it_should_is_not_blank()
    {
        Block("vda", sectors: 16_384, ("serial", "QM1"));
        Device("vda", []);

        Assert.False(Assert.Single(new MachineReader(TimeProvider.System, _root.Path).Read().Disks).Blank);
    }

    [Fact]
    public void Discs_floppies_and_loops_are_no_disks()
    {
        foreach (var name in (string[])["sr0", "fd0", "loop0", "ram0"]) Block(name, sectors: 16_384);
        Block("vdb", sectors: 0);

        Assert.Empty(new MachineReader(TimeProvider.System, _root.Path).Read().Disks);
    }

    [Fact]
    public void A_serial_number_holds_nothing_that_a_screen_or_a_command_line_could_take_for_something_else()
    {
        Block("vda", sectors: 16_384, ("serial", "A B\u001b[2J\n;rm"));
        Device("vda", new byte[8 << 20]);

        Assert.Equal("AB[2J;rm", Assert.Single(new MachineReader(TimeProvider.System, _root.Path).Read().Disks).Serial);
    }

    [Fact]
    public void A_card_has_the_lease_that_DHCP_gave_it()
    {
        Write("sys/class/net/eth0/type", "1\n");
        Write("sys/class/net/eth0/address", "52:54:00:12:34:56\n");
        Write("sys/class/net/eth0/carrier", "1\n");
        Directory.CreateDirectory(_root.At("sys/class/net/eth0/device"));
        Write("sys/class/net/lo/type", "772\n");
        Write("run/lease/eth0", "ip=10.0.2.15\nmask=255.255.255.0\nrouter=10.0.2.2\ndns=10.0.2.3 nonsense 10.0.2.4\n");

        var card = Assert.Single(new MachineReader(TimeProvider.System, _root.Path).Cards());

        Assert.Equal(["10.0.2.15/24"], card.Addresses);
        Assert.Equal("10.0.2.2", card.Gateway);
        Assert.Equal(["10.0.2.3", "10.0.2.4"], card.NameServers);
        Assert.True(card.Chosen);
    }

    private void Block(string name, long sectors, params (string File, string Text)[] files)
    {
        Write($"sys/block/{name}/size", $"{sectors}\n");
        Directory.CreateDirectory(_root.At($"sys/block/{name}/device"));
        foreach (var (file, text) in files) Write($"sys/block/{name}/{file}", text);
    }

    private void Device(string name, byte[] bytes)
    {
        Directory.CreateDirectory(_root.At("dev"));
        File.WriteAllBytes(_root.At("dev", name), bytes);
    }

    private void Write(string path, string text)
    {
        var file = _root.At(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
