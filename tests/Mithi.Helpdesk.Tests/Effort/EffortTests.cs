using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Tests.Tickets;
using Mithi.Helpdesk.Tickets;
using Xunit;

namespace Mithi.Helpdesk.Tests.Effort;

public sealed class EffortTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Time_on_each_level_is_counted_while_open_and_worked_minutes_are_summed()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var id = await desk.OpenAsync(desk.AcmeUser);
        foreach (var level in (string[])["L2", "L1", "L2"])
        {
            clock.Advance(TimeSpan.FromHours(1));
            using (await desk.HandOverAsync(desk.Engineer, id, level, "xylophone")) { }
        }
        using (await desk.ReplyAsync(desk.Engineer, id, "Done.", then: "Resolved")) { }
        clock.Advance(TimeSpan.FromHours(5));
        using (await desk.ReplyAsync(desk.AcmeUser, id, "Not yet.")) { }
        clock.Advance(TimeSpan.FromMinutes(30));
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        foreach (var (minutes, status) in new[] { (15, HttpStatusCode.Created), (20, HttpStatusCode.Created), (0, HttpStatusCode.UnprocessableEntity), (1_441, HttpStatusCode.UnprocessableEntity) })
        {
            using var answer = await engineer.Http.PostAsJsonAsync($"/api/tickets/{id}/time", new { minutes }, Ct);
            Assert.Equal(status, answer.StatusCode);
        }
        using var refused = await desk.AcmeUser.PostAsync($"/tickets/{id}/time", new Dictionary<string, string> { ["minutes"] = "5" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var odd = await desk.Engineer.PostAsync($"/tickets/{id}/time", new Dictionary<string, string> { ["minutes"] = "-5" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, odd.StatusCode);
        var page = await desk.Engineer.PageAsync($"/tickets/{id}");
        Assert.Contains("<dt>L1</dt><dd>2:00 h</dd>", page);
        Assert.Contains("<dt>L2</dt><dd>1:30 h</dd>", page);
        Assert.Contains("<dd>2</dd>", page);
        Assert.Contains("35 min", page);
        Assert.DoesNotContain("35 min", await desk.AcmeUser.PageAsync($"/tickets/{id}"));
        Assert.DoesNotContain("\"time\"", await desk.AcmeUser.PageAsync($"/api/tickets/{id}"));
        var before = await TicketLogTests.DumpAsync(desk);
        await desk.House.Get<TicketLog>().RebuildAsync(new Progress<(long, long)>(), Ct);
        Assert.Equal(before, await TicketLogTests.DumpAsync(desk));
    }
}
