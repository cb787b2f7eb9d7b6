using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using Mithi.Fleet.Lines;
using Mithi.Kernel.People;
using Mithi.Testing;

namespace Mithi.Fleet.Tests;

public sealed class LiveFeedTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_feed_ends_after_its_time_and_a_reader_whose_session_ended_gets_no_new_one()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 7, 9, 0, 0, TimeSpan.Zero));
        await using var house = await House.OpenAsync(clock);
        var site = await house.PlanAsync();
        using var answer = await house.Engineer.Http.GetAsync($"/sites/{site}/live", HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.Equal(new MediaTypeHeaderValue("text/event-stream", "utf-8"), answer.Content.Headers.ContentType);
        await house.Node.Db.WriteAsync(tx => tx.ExecuteAsync("delete from session"), Ct);
        using var body = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));
        Assert.StartsWith("event: state", await body.ReadLineAsync(Ct));
        clock.Advance(Limits.LiveLifeMax);
        while (await body.ReadLineAsync(Ct) is not null) { }   // to its end
        using var again = await house.Engineer.GetAsync($"/sites/{site}/live");
        Assert.Equal(System.Net.HttpStatusCode.Found, again.StatusCode);
    }

    [Fact]
    public void Who_comes_when_too_many_watch_gets_one_picture()
    {
        var signals = new SiteSignals();
        var watches = Enumerable.Range(0, Limits.LiveListenersMax).Select(i => signals.Open(new(i % 7))).ToArray();
        Assert.True(watches[^1].MayWait);
        using (var late = signals.Open(new(1))) Assert.False(late.MayWait);
        foreach (var watch in watches) watch.Dispose();
        watches[0].Dispose();   // twice is nothing
        using var next = signals.Open(new(1));
        Assert.Equal((true, 1), (next.MayWait, signals.Count));
    }
}
