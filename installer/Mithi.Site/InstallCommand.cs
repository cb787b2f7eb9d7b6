using System.CommandLine;
using Mithi.Cli;
using Mithi.Protocol;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;
using Mithi.Protocol.Stamp;
using Mithi.Site.Agent;
using Mithi.Site.Ask;
using Mithi.Site.Downloads;
using Mithi.Site.Link;
using Mithi.Site.Plan;
using Mithi.Site.Probe;
using Mithi.Site.Steps;

namespace Mithi.Site;

/// <summary>mithi-site install: what the boot medium runs. Ends only when the machine may restart from its disk.</summary>
internal static class InstallCommand
{
    // What was trusted stays trusted over a power cut and the restart: the agent goes on from here, not from the medium's root.
    private static readonly string TrustFolder = Path.Join(Target.Data, Places.State, AgentState.TrustFolder);

    private static readonly string[] Consoles = ["/dev/tty0", "/dev/ttyS0"];

    public static Command Create()
    {
        var command = new Command("install", "Install this machine; run by the boot medium.");
        command.SetAction((_, ct) => RunAsync(TimeProvider.System, ct));
        return command;
    }

    private static async Task<int> RunAsync(TimeProvider time, CancellationToken ct)
    {
        var stamp = ReadStamp("/site.conf", "/release-root.json", out var root, out var broken);
        await using var screen = new Screen(
            new(stamp?.Product ?? "", stamp?.Phone ?? "") { Fault = stamp is null ? Faults.Stamp : null, Event = broken }, time, Consoles);
        if (stamp is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, ct);   // Nobody to call, nothing to do: the screen says so.
            return ExitCode.Failed;
        }
        using var file = new LogFile("/dev/ttyS1");
        var log = new SiteLog(time) { Written = file.Write };
        var machine = new MachineReader(time);
        var facts = machine.Read();
        using var kept = KeptInstallation.Find(facts, stamp, log);
        if (kept is not null && kept.Journal.StagesDone(kept.Plan.Id).Contains(Stage.Reboot.Name()))
        {
            log.Info("", "this machine is installed; it starts from its disk");
            return await DiskStart.RunAsync(kept, screen, ct);
        }
        using var device = kept is null ? SigningKey.Create() : SigningKey.FromPkcs8(kept.Record.DeviceKey);
        Installation? on = null;
        using var link = new NodeLink(stamp, device, "installer", kept?.Counter ?? 0, Taken, log, time)
        {
            ClockTold = now => { if (!Native.SetClock(now)) log.Warning("", "the clock can't be set"); },
        };
        screen.Mirror = text => link.Show(new ScreenMessage(text, time.GetUtcNow()));
        var orders = new SiteOrders(link, log);
        on = new Installation(stamp, device, link, orders, screen, log, machine, time)
        {
            Facts = facts, Journal = kept?.Journal, Plan = kept?.Plan,
        };
        if (kept is not null) orders.PlanIsAgreed();
        if (kept is { IsStopped: true }) orders.Stop();
        link.Show(new FactsMessage(facts));
        log.Info("", $"mithi-site {Versions.Own} on {facts.Machine.Vendor} {facts.Machine.Model}, {facts.MemoryBytes >> 20} MiB, {facts.Disks.Count} disks");
        await InstallAsync(on, root, ct);
        return ExitCode.Done;

        void Taken(Protocol.Commands.Command order)
        {
            if (on is { Journal: { } journal, Plan: { } plan }) KeptInstallation.Note(journal, plan.Id, order);
        }
    }

    private static async Task InstallAsync(Installation on, byte[] root, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var net = new NetStep();
        var link = CallAsync(on.Link, net, stop.Token);
        var orders = on.Orders.RunAsync(null, stop.Token);
        var source = new ReleaseSource(on.Stamp, root, TrustFolder, on.Link.DownloadsAsync, on.Time);
        await new StepRunner(on,
        [
            net, new NodeStep(), new PairStep(), new PlanStep(), new ConfirmStep(new Keyboard("/dev/tty1", "/dev/ttyS0")),
            new PartStep(), new MkfsStep(), new FetchOsStep(source), new WriteOsStep(), new ConfigStep(), new BootStep(),
            new FetchAppStep(source), new RebootStep(),
        ]).RunAsync(ct);
        // The node should know before the machine goes quiet; what it does not hear now it hears from the agent.
        await Task.WhenAny(on.Link.FlushedAsync(stop.Token), Task.Delay(Limits.GoodbyeMax, on.Time, stop.Token));
        await stop.CancelAsync();
        await Task.WhenAny(Task.WhenAll(link, orders), Task.Delay(Limits.GoodbyeMax, on.Time, ct));
    }

    // A call before there is an address only fails, and its fault would stand on the screen until the next one.
    private static async Task CallAsync(NodeLink link, NetStep net, CancellationToken ct)
    {
        await net.UpAsync(ct);
        await link.RunAsync(ct);
    }

    private static SiteStamp? ReadStamp(string path, string rootPath, out byte[] root, out string broken)
    {
        (root, broken) = ([], "");
        try
        {
            root = File.ReadAllBytes(rootPath);
            return SiteStamp.Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProtocolException)
        {
            broken = e.Message;
            return null;
        }
    }
}
