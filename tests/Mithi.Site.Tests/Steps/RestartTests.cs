using Mithi.Protocol.Commands;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Stamp;
using Mithi.Site.Agent;
using Mithi.Site.Ask;
using Mithi.Site.Journals;
using Mithi.Site.Link;
using Mithi.Site.Plan;
using Mithi.Site.Probe;
using Mithi.Site.Steps;
using Xunit;

namespace Mithi.Site.Tests.Steps;

/// <summary>What a power cut takes away is brought about again, although the journal says that it was done.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task The_network_and_the_connection_are_never_taken_for_done_after_a_start()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var made = new Made();
        await using var net = new NetStep();
        foreach (var step in (InstallStep[])[net, new NodeStep(), new PairStep()]) Assert.False(await step.IsStillDoneAsync(made.On, ct), step.Stage.ToString());
    }

    [Fact]
    public void What_was_agreed_is_read_back_although_the_disk_is_no_longer_blank()
    {
        using var device = SigningKey.Create();
        var plan = InstallPlan.For("p1", Machines.With(Machines.Disk("QM1")), Machines.Sheet);
        var record = InstallationRecord.Read(InstallationRecord.Of("site-1", device, plan).ToText())!;

        Assert.Equal(plan.Digest, InstallPlan.For("p1", record.Facts, record.Sheet).Digest);
        Assert.NotEqual(plan.Digest, InstallPlan.For("p1", Machines.With(Machines.Disk("QM1", installation: "p1", content: "an installation")), record.Sheet).Digest);
    }

    [Fact]
    public void A_stop_by_the_engineer_and_the_counter_outlive_a_power_cut()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.At("disk"), new byte[64 * Limits.JournalRecordBytes]);
        (long Counter, bool Stopped) After(CommandOrder? order, long counter)
        {
            using (var journal = Journal.Open(folder.At("disk"), 0))
                if (order is not null)
                    KeptInstallation.Note(journal, "p1", new Command($"order-{counter}", "site-1", "", "", counter, default, default, order));
            using var again = Journal.Open(folder.At("disk"), 0);
            return (KeptInstallation.CounterOf(again, "p1"), KeptInstallation.WasStopped(again, "p1"));
        }

        Assert.Equal((0, false), After(null, 0));
        Assert.Equal((3, false), After(new ApprovePlan("p1", ""), 3));
        Assert.Equal((4, true), After(new AbortInstall(), 4));
        Assert.Equal((5, true), After(new SendReport(), 5));
        Assert.Equal((6, false), After(new RetryStep("MKFS"), 6));
    }

    [Fact]
    public async Task The_health_and_the_connection_of_an_earlier_start_do_not_count()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var made = new Made();
        foreach (var step in (InstallStep[])[new FirstBootStep(), new HealthStep(null!)]) Assert.False(await step.IsStillDoneAsync(made.On, ct), step.Stage.ToString());
    }

    private sealed class Made : IAsyncDisposable
    {
        private readonly SigningKey _device = SigningKey.Create();
        private readonly NodeLink _link;
        private readonly Screen _screen = new(new("", ""), TimeProvider.System);

        public Made()
        {
            var log = new SiteLog(TimeProvider.System);
            var stamp = new SiteStamp([new Uri("https://127.0.0.1:1")], [KeyHash.Of("nobody"u8)], [KeyHash.Of("nobody"u8)], "site-1", "en", "", "Mithi Mail");
            _link = new NodeLink(stamp, _device, "installer", 0, null, log, TimeProvider.System);
            On = new Installation(stamp, _device, _link, new SiteOrders(_link, log), _screen, log, new MachineReader(TimeProvider.System), TimeProvider.System)
            {
                Facts = Machines.With(),
            };
        }

        public Installation On { get; }

        public async ValueTask DisposeAsync()
        {
            _link.Dispose();
            await _screen.DisposeAsync();
            _device.Dispose();
        }
    }
}
