using System.Net;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Messages;

namespace Mithi.Fleet.Tests;

public sealed class RestartTests
{
    [Fact]
    public async Task A_restart_of_the_node_loses_nothing_of_an_installation()
    {
        await using var house = await House.OpenAsync();
        var (site, machine) = await house.PairAsync();
        await using var first = machine;
        var (_, make) = await machine.CommandAsync<MakePlan>();
        await machine.SendAsync(new PlanMessage(Device.Plan(make.Sheet)));
        await machine.SendAsync(new LogMessage([new(1, Device.Now, "info", "PROBE", "found one disk")]));
        Assert.Equal(1, (await machine.ReadAsync<LogAckMessage>()).Through);
        await house.ShowsAsync(site, "Approve this plan");
        Assert.Equal(HttpStatusCode.SeeOther, await house.PostAsync(site, "approve", ("plan", "plan-1"), ("digest", new string('a', 64))));
        await machine.CommandAsync<ApprovePlan>();

        await house.Node.RestartAsync();
        Assert.Equal(CloseReason.GoingAway, (await machine.Ended).Reason);

        // The machine had not answered yet: the same order comes again, and the log goes on where the node's disk ends.
        await using var again = await Device.ConnectAsync(machine.Stamp, machine.Key, counter: 1);
        Assert.Equal((true, 1L), (again.Session.Welcome.Paired, again.Session.Welcome.LogThrough));
        var (command, plan) = await again.CommandAsync<ApprovePlan>();
        Assert.Equal(("order-2", "plan-1"), (command.Id, plan.PlanId));
        await again.SendAsync(new ResultMessage(command.Id, true, "done", "The installation begins.", null));
        var page = await house.ShowsAsync(site, "The installation begins.");
        Assert.Contains("found one disk", page);

        // A site that does not know whether its answer arrived gives it again: the first one counts.
        await again.SendAsync(new ResultMessage(command.Id, false, "failed", "A second answer.", null));
        await again.SendAsync(new LogMessage([new(2, Device.Now, "info", "PART", "begins")]));
        Assert.Equal(2, (await again.ReadAsync<LogAckMessage>()).Through);
        Assert.DoesNotContain("A second answer.", await house.ShowsAsync(site, "The installation begins."));
        Assert.Contains(">Installing<", page);
    }

    [Fact]
    public async Task A_machine_that_waits_for_its_code_gets_a_new_one_after_a_restart()
    {
        await using var house = await House.OpenAsync();
        var site = await house.PlanAsync();
        using var key = Protocol.Keys.SigningKey.Create();
        var stamp = await house.StampAsync(site);
        await using var machine = await Device.ConnectAsync(stamp, key);
        await house.Node.RestartAsync();
        await machine.Ended;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await house.PostAsync(site, "pair", ("code", machine.Session.Code!.ToString())));
        await using var again = await Device.ConnectAsync(stamp, key);
        Assert.NotEqual(machine.Session.Code.ToString(), again.Session.Code!.ToString());
        Assert.Equal(HttpStatusCode.SeeOther, await house.PostAsync(site, "pair", ("code", again.Session.Code.ToString())));
        await again.ReadAsync<EnrolmentMessage>();
    }
}
