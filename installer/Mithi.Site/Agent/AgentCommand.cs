using System.CommandLine;
using Mithi.Cli;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;
using Mithi.Site.Ask;
using Mithi.Site.Downloads;
using Mithi.Site.Journals;
using Mithi.Site.Link;
using Mithi.Site.Plan;
using Mithi.Site.Probe;
using Mithi.Site.Steps;

namespace Mithi.Site.Agent;

/// <summary>mithi-site agent: finishes the installation after the first start, then keeps the way in and carries out signed orders.</summary>
internal static class AgentCommand
{
    private const string JournalDevice = "/dev/disk/by-partlabel/" + JournalPartition.Name;

    public static Command Create()
    {
        var state = new Option<DirectoryInfo>("--state")
        {
            Description = "What the installer left for the agent.", DefaultValueFactory = _ => new($"/{Places.State}"),
        };
        var command = new Command("agent", "Connects this server to its support node; run by systemd.") { state };
        command.SetAction((args, ct) => RunAsync(AgentState.Read(args.GetRequiredValue(state).FullName), TimeProvider.System, ct));
        return command;
    }

    private static async Task<int> RunAsync(AgentState state, TimeProvider time, CancellationToken ct)
    {
        using var file = new LogFile("/dev/ttyS1");
        var log = new SiteLog(time);
        log.Written = entry =>
        {
            Console.WriteLine($"{entry.Level} {entry.Step} {entry.Text}");
            file.Write(entry);
        };
        using var device = SigningKey.FromPkcs8(state.Installation.DeviceKey);
        using var journal = Journal.Open(JournalDevice, 0);
        var plan = InstallPlan.For(state.PlanId, state.Installation.Facts, state.Installation.Sheet);
        var installed = journal.StagesDone(plan.Id).Contains(Stage.Done.Name());
        using var link = new NodeLink(
            state.Stamp, device, installed ? "agent" : "first-boot",
            Math.Max(state.Orders.Counter, KeptInstallation.CounterOf(journal, plan.Id)), Taken, log, time)
        {
            Answered = state.Orders.Answer,
        };
        var source = new ReleaseSource(state.Stamp, state.ReleaseRoot, state.Trust, link.DownloadsAsync, time);
        var update = new ProductUpdate(state.Product, source, log, time);
        await update.ResumeAsync(ct);
        state.Orders.Settle(state.Product);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var connected = link.RunAsync(stop.Token);
        var machine = new MachineReader(time);
        link.Show(new FactsMessage(machine.Read()));
        log.Info("", $"mithi-site {Versions.Own}, {(installed ? "installed" : "first start")}, {state.Product.Product} {state.Current}");
        try
        {
            if (!installed) await FinishAsync(state, plan, journal, link, update, device, machine, log, time, ct);
            await new AgentDesk(link, update, state, log, time).RunAsync(ct);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAny(connected, Task.Delay(Limits.GoodbyeMax, time, CancellationToken.None));
        }
        return ExitCode.Done;

        void Taken(Protocol.Commands.Command order)
        {
            if (!installed) KeptInstallation.Note(journal, plan.Id, order);
            state.Orders.Take(order);
        }
    }

    private static async Task FinishAsync(
        AgentState state, InstallPlan plan, Journal journal, NodeLink link, ProductUpdate update, SigningKey device,
        MachineReader machine, SiteLog log, TimeProvider time, CancellationToken ct)
    {
        await using var screen = new Screen(
            new(state.Stamp.Product, state.Stamp.Phone) { Stage = Stage.FirstBoot }, time, "/dev/tty0", "/dev/ttyS0");
        screen.Mirror = text => link.Show(new ScreenMessage(text, time.GetUtcNow()));
        var orders = new SiteOrders(link, log);
        orders.PlanIsAgreed();
        if (KeptInstallation.WasStopped(journal, plan.Id)) orders.Stop();
        var on = new Installation(state.Stamp, device, link, orders, screen, log, machine, time)
        {
            Facts = state.Installation.Facts, Journal = journal, Plan = plan,
        };
        using var finished = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var sorting = orders.RunAsync(null, finished.Token);
        await new StepRunner(on,
            [new FirstBootStep(), new AppStep(update), new HealthStep(state), new AgentStep(state), new DoneStep()]).RunAsync(ct);
        screen.Change(shown => shown with { Finished = true, Event = $"{state.Product.Product} {state.Current} runs" });
        screen.Draw();
        await finished.CancelAsync();
        await Task.WhenAny(sorting, Task.Delay(Limits.GoodbyeMax, time, ct));
    }
}
