using Mithi.Protocol.Keys;
using Mithi.Protocol.Stamp;
using Mithi.Site.Ask;
using Mithi.Site.Link;
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
        var stamp = new SiteStamp([new Uri("https://127.0.0.1:1")], [KeyHash.Of("nobody"u8)], [KeyHash.Of("nobody"u8)], "site-1", "en", "", "Mithi Mail");
        using var device = SigningKey.Create();
        var log = new SiteLog(TimeProvider.System);
        using var link = new NodeLink(stamp, device, "installer", 0, null, log, TimeProvider.System);
        await using var screen = new Screen(new("", ""), TimeProvider.System);
        await using var net = new NetStep();
        var on = new Installation(stamp, device, link, new SiteOrders(link, log), screen, log, new MachineReader(TimeProvider.System), TimeProvider.System)
        {
            Facts = Machines.With(),
        };

        foreach (var step in (InstallStep[])[net, new NodeStep(), new PairStep()]) Assert.False(await step.IsStillDoneAsync(on, ct), step.Stage.ToString());
    }
}
