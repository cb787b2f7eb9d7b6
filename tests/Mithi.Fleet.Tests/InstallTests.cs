using System.Net;
using Mithi.Protocol;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;

namespace Mithi.Fleet.Tests;

public sealed class InstallTests
{
    private static CancellationToken Ct => Device.Ct;

    [Fact]
    public async Task A_bare_machine_becomes_a_green_site_and_is_patched_and_rolled_back()
    {
        await using var house = await House.OpenAsync();
        var site = await house.PlanAsync();
        var stamp = await house.StampAsync(site);
        using var key = SigningKey.Create();

        await using var machine = await Device.ConnectAsync(stamp, key);
        Assert.False(machine.Session.Welcome.Paired);
        // The facts last: once the page shows them, what came before them was taken too.
        await machine.SendAsync(new LogMessage([new(1, Device.Now, "info", "PROBE", "found one disk")]));
        await machine.SendAsync(Device.Facts());
        var asks = await house.ShowsAsync(site, "VM-4711");
        Assert.Contains("Eight letters and digits", asks);
        Assert.Contains("/sites/" + site + "#pair", await house.Engineer.PageAsync("/sites"));

        Assert.Equal(HttpStatusCode.SeeOther, await house.PostAsync(site, "pair", ("code", machine.Session.Code!.ToString())));
        var enrolment = (await machine.ReadAsync<EnrolmentMessage>()).Signed.ReadEnrolment(machine.Session.Node);
        Assert.Equal((stamp.Site, key.Public.Hash.Hex), (enrolment.Site, enrolment.Device));
        // What it said before its code was entered was kept.
        Assert.Equal(1, (await machine.ReadAsync<LogAckMessage>()).Through);

        var (_, make) = await machine.CommandAsync<MakePlan>();
        Assert.Equal(("mail", "asha.example", null, "hi"), (make.Sheet.HostName, make.Sheet.Domain, make.Sheet.DiskSerial, make.Sheet.Language));
        Assert.All(make.Sheet.Mailboxes, m => Assert.StartsWith("$6$", m.PasswordHash));
        await machine.SendAsync(new PlanMessage(Device.Plan(make.Sheet)));
        var shown = await house.ShowsAsync(site, "Approve this plan");
        Assert.Contains("Write mithi-os 1.0.0 to vda.", shown);

        Assert.Equal(HttpStatusCode.SeeOther, await house.PostAsync(site, "approve", ("plan", "plan-1"), ("digest", new string('a', 64))));
        var (approve, plan) = await machine.CommandAsync<ApprovePlan>();
        Assert.Equal(("plan-1", new string('a', 64)), (plan.PlanId, plan.Digest));
        await machine.SendAsync(new ResultMessage(approve.Id, true, "done", "", null));

        await machine.SendAsync(new DownloadsRequestMessage());
        var downloads = await machine.ReadAsync<DownloadsMessage>();
        Assert.StartsWith("mithi_", downloads.Token);
        Assert.DoesNotContain(downloads.Token, downloads.ToString());

        await machine.SendAsync(new StepsMessage("plan-1", [new("WRITE_OS", StepState.Running, Device.Now, null, 4 << 20, "piece 2 of 20")]));
        await machine.SendAsync(new ProgressMessage("WRITE_OS", 8 << 20, 80 << 20, "bytes", Device.Now));
        await machine.SendAsync(new ScreenMessage("Step 3 of 8", Device.Now));
        await machine.SendAsync(new LogMessage([new(2, Device.Now, "info", "WRITE_OS", "piece 2 of 20 written")]));
        Assert.Equal(2, (await machine.ReadAsync<LogAckMessage>()).Through);
        var page = await house.ShowsAsync(site, "piece 2 of 20 written");
        Assert.Contains("8.0 MB / 80.0 MB", page);
        Assert.Contains("Step 3 of 8", page);
        Assert.Contains(">Installing<", page);
        await machine.LeaveAsync();

        await using var agent = await Device.ConnectAsync(stamp, key, "agent", machine.Gate.LastCounter);
        Assert.True(agent.Session.Welcome.Paired);
        Assert.Equal(2, agent.Session.Welcome.LogThrough);
        await agent.SendAsync(Device.Report("1.0.0"));
        await house.ShowsAsync(site, ">Green<");

        Assert.Equal(HttpStatusCode.SeeOther, await house.PostAsync(site, "orders", ("order", "apply"), ("version", "1.0.0-p1")));
        var (order, apply) = await agent.CommandAsync<ApplyRelease>();
        Assert.Equal(("connect-server", "1.0.0-p1"), (apply.Product, apply.Version));
        await agent.SendAsync(new ResultMessage(order.Id, true, "done", "health checks passed", null));
        await agent.SendAsync(Device.Report("1.0.0-p1", "1.0.0"));
        await house.ShowsAsync(site, "Roll back to 1.0.0");

        Assert.Equal(HttpStatusCode.SeeOther, await house.PostAsync(site, "orders", ("order", "roll-back")));
        var (back, rollBack) = await agent.CommandAsync<RollBack>();
        Assert.Equal("connect-server", rollBack.Product);
        await agent.SendAsync(new ResultMessage(back.Id, true, "rolled-back", "", null));
        await agent.SendAsync(Device.Report("1.0.0", "1.0.0-p1"));
        await house.ShowsAsync(site, "Roll back to 1.0.0-p1");

        Assert.Equal(["site.create", "site.medium", "site.pair", "site.approve", "site.result", "site.report", "site.order", "site.result",
            "site.report", "site.order", "site.result", "site.report"], await house.AuditAsync(site));
    }

    [Fact]
    public async Task The_fifth_wrong_code_sends_the_machine_for_a_new_one()
    {
        await using var house = await House.OpenAsync();
        var site = await house.PlanAsync();
        using var key = SigningKey.Create();
        await using var machine = await Device.ConnectAsync(await house.StampAsync(site), key);
        await house.ShowsAsync(site, "A machine shows a code");
        var wrong = machine.Session.Code!.ToString() == "0000-0000" ? "1111-1111" : "0000-0000";
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.UnprocessableEntity, await house.PostAsync(site, "pair", ("code", wrong)));
        Assert.Equal(CloseReason.PairingMismatch, (await machine.Ended).Reason);
        Assert.Equal(5, (await house.AuditAsync(site)).Count(a => a == "site.pair-wrong"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await house.PostAsync(site, "pair", ("code", machine.Session.Code.ToString())));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await house.PostAsync(site, "pair", ("code", "hello")));
    }

    [Fact]
    public async Task A_machine_that_waits_is_told_nothing_and_gets_no_token()
    {
        await using var house = await House.OpenAsync();
        var site = await house.PlanAsync();
        using var key = SigningKey.Create();
        await using var machine = await Device.ConnectAsync(await house.StampAsync(site), key);
        await machine.SendAsync(new DownloadsRequestMessage());
        await machine.SendAsync(Device.Report("9.9.9"));
        await machine.SendAsync(Device.Facts());
        await house.ShowsAsync(site, "VM-4711");
        Assert.Equal(HttpStatusCode.Conflict, await house.PostAsync(site, "orders", ("order", "report")));
        var end = await machine.LeaveAsync();
        Assert.True(end.ByUs);
        Assert.Null(await machine.Session.Connection.ReadAsync(Ct));
        Assert.DoesNotContain("9.9.9", await house.Engineer.PageAsync($"/sites/{site}"));
    }

    [Fact]
    public async Task Only_the_plan_that_was_read_can_be_approved()
    {
        await using var house = await House.OpenAsync();
        var (site, machine) = await house.PairAsync();
        await using var _ = machine;
        var (_, make) = await machine.CommandAsync<MakePlan>();
        await machine.SendAsync(new PlanMessage(Device.Plan(make.Sheet)));
        await house.ShowsAsync(site, "Approve this plan");
        Assert.Equal(HttpStatusCode.Conflict, await house.PostAsync(site, "approve", ("plan", "plan-1"), ("digest", new string('b', 64))));
        Assert.Equal(HttpStatusCode.Conflict, await house.PostAsync(site, "approve", ("plan", "plan-2"), ("digest", new string('a', 64))));

        // The sheet changes under the engineer's eyes: the old plan is no longer what anybody wants.
        var changed = house.Sheet("1.0.0-sp1");
        changed["revision"] = "1";
        changed["mailboxes"] = "asha, Asha Patil";
        using var answer = await house.Engineer.PostAsync($"/sites/{site}/sheet", changed, from: "/sites/new");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, await house.PostAsync(site, "approve", ("plan", "plan-1"), ("digest", new string('a', 64))));
        var (_, again) = await machine.CommandAsync<MakePlan>();
        Assert.Equal(("1.0.0-sp1", 2), (again.Sheet.Version, again.Sheet.Revision));
        Assert.Equal(make.Sheet.Mailboxes[0], again.Sheet.Mailboxes.Single());
    }

    [Fact]
    public async Task A_plan_that_destroys_something_needs_a_word_more()
    {
        await using var house = await House.OpenAsync();
        var (site, machine) = await house.PairAsync();
        await using var _ = machine;
        var (_, make) = await machine.CommandAsync<MakePlan>();
        await machine.SendAsync(Device.Facts(blank: false));
        // It does not say what it would destroy; its own facts do.
        await machine.SendAsync(new PlanMessage(Device.Plan(make.Sheet)));
        await house.ShowsAsync(site, "what is on this disk is destroyed");
        var approval = (("plan", "plan-1"), ("digest", new string('a', 64)));
        Assert.Equal(HttpStatusCode.Conflict, await house.PostAsync(site, "approve", approval.Item1, approval.Item2));
        Assert.Equal(HttpStatusCode.SeeOther, await house.PostAsync(site, "approve", approval.Item1, approval.Item2, ("destroy", "1")));
        await machine.CommandAsync<ApprovePlan>();
    }

    [Fact]
    public async Task An_order_waits_for_its_site_and_is_sent_again_until_it_is_answered()
    {
        await using var house = await House.OpenAsync();
        var (site, machine) = await house.PairAsync();
        var (_, make) = await machine.CommandAsync<MakePlan>();
        await machine.SendAsync(new PlanMessage(Device.Plan(make.Sheet)));
        await house.ShowsAsync(site, "Approve this plan");
        await machine.LeaveAsync();

        Assert.Equal(HttpStatusCode.SeeOther, await house.PostAsync(site, "approve", ("plan", "plan-1"), ("digest", new string('a', 64))));
        await using (var second = await Device.ConnectAsync(machine.Stamp, machine.Key, counter: machine.Gate.LastCounter))
            await second.CommandAsync<ApprovePlan>();
        await using var third = await Device.ConnectAsync(machine.Stamp, machine.Key, counter: machine.Gate.LastCounter);
        var (command, _) = await third.CommandAsync<ApprovePlan>();
        await third.SendAsync(new ResultMessage(command.Id, true, "done", "", null));
        await house.ShowsAsync(site, ">Done<");
    }

    [Fact]
    public async Task A_second_machine_from_the_same_medium_is_refused_until_the_first_is_let_go()
    {
        await using var house = await House.OpenAsync();
        var (site, machine) = await house.PairAsync();
        await using var _ = machine;
        using var other = SigningKey.Create();
        var refused = await Assert.ThrowsAsync<ProtocolException>(() => Device.ConnectAsync(machine.Stamp, other));
        Assert.Equal(ProtocolFault.OtherMachine, refused.Fault);

        Assert.Equal(HttpStatusCode.SeeOther, await house.PostAsync(site, "release-machine"));
        Assert.Equal(CloseReason.Refused, (await machine.Ended).Reason);
        await using var second = await Device.ConnectAsync(machine.Stamp, other);
        Assert.NotNull(second.Session.Code);
    }

    [Fact]
    public async Task A_fault_needs_attention_until_it_is_over()
    {
        await using var house = await House.OpenAsync();
        var (site, machine) = await house.PairAsync();
        await using var _ = machine;
        await machine.SendAsync(new FaultMessage("NET-04", "FETCH_OS", "The address book of the network does not answer.", "DNS 10.0.2.3: no answer", null, Device.Now));
        var page = await house.ShowsAsync(site, "NET-04");
        Assert.Contains("Needs attention", page);
        Assert.Contains("DNS 10.0.2.3: no answer", page);
        await machine.SendAsync(new StepsMessage("plan-1", [new("FETCH_OS", StepState.Failed, Device.Now, Device.Now, 0, "no answer")]));
        await house.ShowsAsync(site, "Retry from FETCH_OS");
        Assert.Equal(HttpStatusCode.SeeOther, await house.PostAsync(site, "orders", ("order", "retry"), ("step", "FETCH_OS")));
        await machine.CommandAsync<MakePlan>();
        var (_, retry) = await machine.CommandAsync<RetryStep>();
        Assert.Equal("FETCH_OS", retry.Step);
        await machine.SendAsync(new FaultClearedMessage("NET-04"));
        await house.ShowsAsync(site, ">Paired<");
        Assert.Equal(HttpStatusCode.BadRequest, await house.PostAsync(site, "orders", ("order", "retry"), ("step", "rm -rf /")));
        Assert.Equal(HttpStatusCode.BadRequest, await house.PostAsync(site, "orders", ("order", "apply"), ("version", "1.0.0; reboot")));
    }

    [Fact]
    public async Task An_unhealthy_report_takes_the_green_away()
    {
        await using var house = await House.OpenAsync();
        var (site, machine) = await house.PairAsync();
        await using var _ = machine;
        await machine.SendAsync(Device.Report("1.0.0"));
        await house.ShowsAsync(site, ">Green<");
        await machine.SendAsync(Device.Report("1.0.0", healthy: false));
        await house.ShowsAsync(site, "Needs attention");
    }

    [Fact]
    public async Task A_newer_connection_of_the_same_machine_replaces_the_older()
    {
        await using var house = await House.OpenAsync();
        var (_, machine) = await house.PairAsync();
        await using var again = await Device.ConnectAsync(machine.Stamp, machine.Key, counter: machine.Gate.LastCounter);
        Assert.Equal(CloseReason.Replaced, (await machine.Ended).Reason);
        Assert.True(again.Session.Welcome.Paired);
        await machine.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_opens_the_door_without_a_WebSocket_is_told_so()
    {
        await using var house = await House.OpenAsync();
        using var answer = await house.Engineer.GetAsync("/site");
        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
    }
}
