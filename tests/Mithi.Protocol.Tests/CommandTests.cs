using System.Text;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Stamp;

namespace Mithi.Protocol.Tests;

public sealed class CommandTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private readonly SigningKey _node = SigningKey.Create();
    private readonly SigningKey _device = SigningKey.Create();

    [Fact]
    public void A_command_for_this_site_is_taken_once()
    {
        var gate = Gate();
        var signed = SignedText.Of(Command(counter: 5), _node);
        Assert.Equal(new ApplyRelease("connect-server", "1.0.0-p1"), gate.Take(signed, Noon).Order);
        Assert.Equal(5, gate.LastCounter);
        Assert.Equal(ProtocolFault.Replayed, Fault(() => gate.Take(signed, Noon)));
        Assert.Equal(ProtocolFault.Replayed, Fault(() => gate.Take(SignedText.Of(Command(counter: 4), _node), Noon)));
        Assert.Equal(6, gate.Take(SignedText.Of(Command(counter: 6), _node), Noon).Counter);
    }

    [Fact]
    public void A_restart_of_the_site_does_not_forget_the_counter()
        => Assert.Equal(ProtocolFault.Replayed, Fault(() => new CommandGate("asha", _device.Public, _node.Public, 5)
            .Take(SignedText.Of(Command(counter: 5), _node), Noon)));

    [Fact]
    public void A_command_of_another_key_is_refused()
    {
        using var other = SigningKey.Create();
        Assert.Equal(ProtocolFault.BadSignature, Fault(() => Gate().Take(SignedText.Of(Command(), other), Noon)));
    }

    [Fact]
    public void One_changed_byte_is_refused()
    {
        var signed = SignedText.Of(Command(), _node);
        var text = Encoding.UTF8.GetString(signed.Payload).Replace("1.0.0-p1", "9.0.0-p1", StringComparison.Ordinal);
        Assert.Equal(ProtocolFault.BadSignature, Fault(() => Gate().Take(signed with { Payload = Encoding.UTF8.GetBytes(text) }, Noon)));
        Assert.Equal(ProtocolFault.BadSignature, Fault(() => Gate().Take(signed with { Signature = [] }, Noon)));
    }

    [Fact]
    public void A_command_for_another_site_or_machine_is_refused()
    {
        using var other = SigningKey.Create();
        Assert.Equal(ProtocolFault.WrongTarget, Fault(() => Gate().Take(SignedText.Of(Command() with { Site = "bharat" }, _node), Noon)));
        Assert.Equal(ProtocolFault.WrongTarget,
            Fault(() => Gate().Take(SignedText.Of(Command() with { Device = other.Public.Hash.Hex }, _node), Noon)));
    }

    [Fact]
    public void A_command_is_good_until_it_expires()
    {
        var signed = SignedText.Of(Command(), _node);
        Assert.Equal(ProtocolFault.Expired, Fault(() => Gate().Take(signed, Noon.AddHours(1))));
        Assert.Equal(1, Gate().Take(signed, Noon.AddHours(1).AddTicks(-1)).Counter);
    }

    [Fact]
    public void An_enrolment_is_no_command()
    {
        var enrolment = SignedText.Of(new Enrolment("asha", _device.Public.Hash.Hex, Noon, Noon.AddDays(1)), _node);
        Assert.Equal(ProtocolFault.BadSignature, Fault(() => Gate().Take(enrolment, Noon)));
        Assert.Equal("asha", enrolment.ReadEnrolment(_node.Public).Site);
    }

    [Fact]
    public void A_stamp_is_read_as_it_was_written_and_a_broken_one_is_refused()
    {
        var stamp = new SiteStamp([new("https://node.example:8443")], [_node.Public.Hash], [_device.Public.Hash], "asha", "hi", "+91 20 5550 1234", "Connect");
        var read = SiteStamp.Parse(stamp.ToText());
        Assert.Equal(stamp.ToText(), read.ToText());
        Assert.Equal("https://node.example:8443/", read.Nodes[0].ToString());
        Assert.Equal(_node.Public.Hash, Assert.Single(read.Pins));
        Assert.Equal(_device.Public.Hash, Assert.Single(read.ServerPins));
        Assert.Throws<ArgumentException>(() => (stamp with { Phone = "1\nsite=evil" }).ToText());
        foreach (var broken in new[]
        {
            "", "mithi-site-stamp 2\n", "mithi-site-stamp 1\n", stamp.ToText().Replace("https", "http", StringComparison.Ordinal),
            stamp.ToText().Replace("pin=", "pin=0", StringComparison.Ordinal), stamp.ToText() + "site=other\n",
            // A medium of before the two keys had names of their own: better a new one than orders by whoever holds the proxy.
            stamp.ToText().Replace("server-pin=", "pin=", StringComparison.Ordinal),
        })
            Assert.Throws<ProtocolException>(() => SiteStamp.Parse(broken));
    }

    [Fact]
    public async Task A_stamped_image_is_a_cpio_archive_of_exactly_its_size()
    {
        var stamp = new SiteStamp([new("https://node.example:8443")], [_node.Public.Hash], [_device.Public.Hash], "asha", "en", "", "");
        var image = StampImage.Write(stamp, "{\"signed\":{}}"u8);
        Assert.Equal(Limits.StampBytesMax, image.Length);
        Assert.Throws<ProtocolException>(() => StampImage.Write(stamp, new byte[Limits.StampBytesMax]));
        Assert.Equal(stamp.ToText(), await CpioAsync(image, "site.conf"));
        Assert.Equal("{\"signed\":{}}", await CpioAsync(image, "release-root.json"));
    }

    [Theory]
    [InlineData(0, 1.0, 1)]
    [InlineData(3, 1.0, 8)]
    [InlineData(3, 0.5, 4)]
    [InlineData(6, 1.0, 60)]
    [InlineData(1_000, 1.0, 60)]
    [InlineData(5, 0.0, 0)]
    public void Reconnects_wait_longer_each_time_with_full_jitter(int attempt, double jitter, int seconds)
        => Assert.Equal(TimeSpan.FromSeconds(seconds), SiteClient.ReconnectDelay(attempt, jitter));

    public void Dispose()
    {
        _node.Dispose();
        _device.Dispose();
    }

    private static ProtocolFault Fault(Action action) => Assert.Throws<ProtocolException>(action).Fault;

    private CommandGate Gate() => new("asha", _device.Public, _node.Public, 0);

    private Command Command(long counter = 1) => new("c1", "asha", _device.Public.Hash.Hex, "audit:7", counter, Noon, Noon.AddHours(1),
        new ApplyRelease("connect-server", "1.0.0-p1"));

    private static async Task<string> CpioAsync(byte[] image, string name)
    {
        var start = new System.Diagnostics.ProcessStartInfo("cpio", ["--quiet", "--extract", "--to-stdout", name])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        using var cpio = new System.Diagnostics.Process { StartInfo = start };
        Assert.True(cpio.Start(), "cpio is missing: apt-get install cpio");
        var output = cpio.StandardOutput.ReadToEndAsync(LoopbackNode.Ct);
        try
        {
            await cpio.StandardInput.BaseStream.WriteAsync(image, LoopbackNode.Ct);
            cpio.StandardInput.Close();
        }
        catch (IOException)
        {
            // cpio stops reading at the trailer; the zeros behind it are for the kernel.
        }
        return await output;
    }
}
