using Mithi.Protocol;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Connection;
using Mithi.Protocol.Handshake;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;
using Mithi.Protocol.Stamp;

namespace Mithi.Fleet.Tests;

/// <summary>A machine at a site: the real client of the protocol, with the answers of a real installer.</summary>
internal sealed class Device : IAsyncDisposable
{
    public const string Disk = "QM00001";

    private readonly CancellationTokenSource stop = new();
    private readonly Task<ConnectionEnd> run;

    private Device(SiteStamp stamp, SigningKey key, SiteSession session, long counter)
    {
        (Stamp, Key, Session) = (stamp, key, session);
        Gate = new(stamp.Site, key.Public, session.Node, counter);
        run = session.Connection.RunAsync(stop.Token);
    }

    public SiteStamp Stamp { get; }
    public SigningKey Key { get; }
    public SiteSession Session { get; }
    public CommandGate Gate { get; }
    public Task<ConnectionEnd> Ended => run;

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<Device> ConnectAsync(SiteStamp stamp, SigningKey key, string stage = "installer", long counter = 0)
    {
        var identity = new SiteIdentity(stamp.Site, key, stamp.Pins, stamp.ServerPins, "1.0.0", stage);
        return new(stamp, key, await SiteClient.ConnectAsync(stamp.Nodes[0], null, identity, TimeProvider.System, Ct), counter);
    }

    public Task SendAsync(ControlMessage message) => Session.Connection.SendAsync(message, Ct);

    /// <summary>The next message, which must be of this kind.</summary>
    public async Task<T> ReadAsync<T>() where T : ControlMessage
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        return Assert.IsType<T>(await Session.Connection.ReadAsync(patience.Token));
    }

    /// <summary>The next message, which must be a command that this machine may carry out.</summary>
    public async Task<(Command Command, T Order)> CommandAsync<T>() where T : CommandOrder
    {
        var command = Gate.Take((await ReadAsync<CommandMessage>()).Signed, TimeProvider.System.GetUtcNow());
        return (command, Assert.IsType<T>(command.Order));
    }

    /// <summary>The plan that this machine makes of a sheet.</summary>
    public static PlanProposal Plan(SiteSheet sheet, string id = "plan-1", bool blank = true) => new(id, new string('a', 64), sheet.Revision,
        $"Write {sheet.OsImage} {sheet.OsVersion} to vda.\nInstall {sheet.Product} {sheet.Version}.",
        [new("vda", "QEMU HARDDISK", Disk, 10L << 30, true, "the only blank fixed disk"), new("sr0", "QEMU DVD-ROM", "", 1 << 20, false, "removable")],
        ["PART", "MKFS", "WRITE_OS", "BOOT"], blank ? null : "old-1", []);

    public static FactsMessage Facts(bool blank = true) => new(new(new("QEMU", "Standard PC", "VM-4711"), "bios", false, 1L << 30, 2,
        "QEMU Virtual CPU", [new("vda", "QEMU HARDDISK", Disk, null, 10L << 30, "virtio", false, false, blank, blank ? "" : "ext4", null)],
        [new("eth0", "52:54:00:12:34:56", "virtio_net", true, ["10.0.2.15/24"], "10.0.2.2", ["10.0.2.3"], true)], "6.1.0", Now));

    public static ReportMessage Report(string version, string? previous = null, bool healthy = true) => new(new("agent", "1.0.0", "mithi-os 1.0.0",
        "connect-server", version, previous, healthy, [new("smtp answers on port 25", healthy, healthy ? "220" : "refused")], true, Now));

    public static DateTimeOffset Now { get; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public async Task<ConnectionEnd> LeaveAsync()
    {
        await stop.CancelAsync();
        return await run;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await run;
        await Session.DisposeAsync();
        stop.Dispose();
    }
}
