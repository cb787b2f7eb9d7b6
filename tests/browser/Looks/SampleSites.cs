using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Mithi.Fleet.Tests;
using Mithi.Kernel.People;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;
using Mithi.Protocol.Stamp;
using Mithi.Testing;

namespace Mithi.Browser.Tests.Looks;

/// <summary>A site in each of its states. Sheets are sent as forms; what a machine told is written as its messages are kept.</summary>
internal sealed class SampleSites(TestAppliance house, TestBrowser engineer, OrganisationId customer)
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 6, 30, 0, TimeSpan.Zero);

    public long Planned { get; private set; }

    /// <summary>A machine shows its code and waits.</summary>
    public long Waiting { get; private set; }

    public long Proposed { get; private set; }

    public long Installing { get; private set; }

    public long Green { get; private set; }

    public long Broken { get; private set; }

    /// <summary>The machine of <see cref="Waiting"/>; it waits as long as it is connected.</summary>
    public async Task<Device> AddAsync()
    {
        Planned = await PlanAsync("Estate two");
        Waiting = await PlanAsync("Tea office");
        Proposed = await PlanAsync("Counting house");
        Installing = await PlanAsync("Pune branch");
        Green = await PlanAsync("Head office");
        Broken = await PlanAsync("Weaving shed");
        var plan = Device.Plan(Sheet, blank: false);
        await TellAsync(Proposed, "Paired", new() { ["facts"] = Json(Device.Facts(blank: false).Facts, ProtocolJson.Default.Facts), ["plan"] = Json(plan, ProtocolJson.Default.PlanProposal) });
        await TellAsync(Installing, "Installing", new()
        {
            ["facts"] = Json(Device.Facts().Facts, ProtocolJson.Default.Facts), ["plan"] = Json(plan, ProtocolJson.Default.PlanProposal), ["approved_plan"] = plan.PlanId,
            ["steps"] = Json(
                [
                    new("PARTITION", StepState.Done, At, At.AddSeconds(4), 0, "one disk, three partitions"), new("MAKE_FILE_SYSTEMS", StepState.Done, At, At.AddSeconds(9), 0, ""),
                    new("WRITE_OS", StepState.Running, At, null, 4 << 20, "piece 2 of 20"), new("BOOT", StepState.Waiting, null, null, 0, ""),
                ], ProtocolJson.Default.ListStep),
        });
        await LogAsync(Installing);
        var healthy = Device.Report("1.0.0-sp1", "1.0.0").Report;
        await TellAsync(Green, "Green", new()
        {
            ["facts"] = Json(Device.Facts().Facts, ProtocolJson.Default.Facts), ["report"] = Json(healthy, ProtocolJson.Default.SiteReport),
            ["product"] = "connect-server", ["version"] = "1.0.0-sp1", ["plan"] = Json(plan, ProtocolJson.Default.PlanProposal), ["approved_plan"] = plan.PlanId,
        });
        await OrderAsync(Green, new ApplyRelease("connect-server", "1.0.0-sp1"), "Done", "health checks passed");
        await OrderAsync(Green, new RollBack("connect-server"), "Failed", "smtp did not answer on port 25 within 60 s");
        await TellAsync(Broken, "Attention", new()
        {
            ["facts"] = Json(Device.Facts().Facts, ProtocolJson.Default.Facts), ["plan"] = Json(plan, ProtocolJson.Default.PlanProposal), ["approved_plan"] = plan.PlanId,
            ["fault"] = Json(new("NET-04", "FETCH_PRODUCT", "The node cannot be reached. Check the network cable.", "connect to 203.0.113.10:443: no route to host", null, At),
                ProtocolJson.Default.FaultMessage),
            ["steps"] = Json([new("FETCH_PRODUCT", StepState.Failed, At, At.AddMinutes(3), 0, "no route to host")], ProtocolJson.Default.ListStep),
        });
        return await WaitAsync();
    }

    private SiteSheet Sheet { get; } = new(1, "mail", "asha.example", null, new("dhcp", null, null, null, []), "connect-server", "1.0.0", "mithi-os", "1.0.0",
        [new("asha", "Asha Patil", "$6$x$y")], "Asia/Kolkata", "hi", "+91 20 5550 1234", null);

    private async Task<Device> WaitAsync()
    {
        var stamp = SiteStamp.Parse(await engineer.PageAsync($"/sites/{Waiting}/medium/site.conf"));
        var machine = await Device.ConnectAsync(stamp, SigningKey.Create());
        await machine.SendAsync(Device.Facts());
        return machine;
    }

    private async Task<long> PlanAsync(string name)
    {
        using var answer = await engineer.PostAsync("/sites", new Dictionary<string, string>
        {
            ["organisation"] = customer.ToString(), ["name"] = name, ["host"] = "mail", ["domain"] = "asha.example", ["disk"] = "", ["destroy"] = "",
            ["product"] = "connect-server", ["version"] = "1.0.0", ["os-image"] = "mithi-os", ["os-version"] = "1.0.0",
            ["mailboxes"] = "asha, Asha Patil, first-password-1\nravi, Ravi Rao, first, password, 2", ["zone"] = "Asia/Kolkata", ["language"] = "hi",
            ["phone"] = "+91 20 5550 1234", ["revision"] = "0",
        }, "/sites/new");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return long.Parse(answer.Headers.Location!.ToString().Split('/')[^1], CultureInfo.InvariantCulture);
    }

    private Task TellAsync(long site, string state, Dictionary<string, string> told) => house.Db.WriteAsync(tx => tx.ExecuteAsync("""
        update site set state = @state, device = @device, machine = 1, facts = @facts, plan = @plan, approved_plan = @approved, steps = @steps,
            fault = @fault, report = @report, product = @product, version = @version, seen_at = @now where id = @site
        """, new
    {
        site, state, device = new string('d', 64), now = house.Now, facts = told.GetValueOrDefault("facts", ""), plan = told.GetValueOrDefault("plan", ""),
        approved = told.GetValueOrDefault("approved_plan", ""), steps = told.GetValueOrDefault("steps", ""), fault = told.GetValueOrDefault("fault", ""),
        report = told.GetValueOrDefault("report", ""), product = told.GetValueOrDefault("product", ""), version = told.GetValueOrDefault("version", ""),
    }), CancellationToken.None);

    private Task LogAsync(long site) => house.Db.WriteAsync(async tx =>
    {
        foreach (var (number, level, step, text) in new[]
        {
            (1, "info", "PROBE", "found one disk"), (2, "warning", "FETCH_OS", "the first address did not answer; trying the second"),
            (3, "info", "WRITE_OS", "piece 2 of 20 written, sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        })
            await tx.ExecuteAsync("insert into site_log (site_id, machine, number, at, level, step, text) values (@site, 1, @number, @at, @level, @step, @text)",
                new { site, number, at = house.Now, level, step, text });
    }, CancellationToken.None);

    private Task OrderAsync(long site, CommandOrder order, string state, string detail) => house.Db.WriteAsync(tx => tx.ExecuteAsync("""
        insert into site_order (site_id, machine, counter, kind, body, state, given_by, given_at, expires_at, detail)
        select id, 1, 100 + (select count(*) from site_order), 'x', @body, @state, 'Vikram Rao', @now, @now, @detail from site where id = @site
        """, new { site, body = Json(order, ProtocolJson.Default.CommandOrder), state, detail, now = house.Now }), CancellationToken.None);

    private static string Json<T>(T told, JsonTypeInfo<T> type) => Encoding.UTF8.GetString(ProtocolJson.Write(told, type));
}
