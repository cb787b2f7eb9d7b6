using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mithi.Cli;
using Mithi.Testing;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>
/// kill -9 at random moments under load: what was acknowledged is there exactly once, what was not is there at most once,
/// and the node starts again each time. <c>MITHI_KILLS=200</c> makes it long, <c>MITHI_SEED</c> repeats a run's moments.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Writers = 4;

    // A writer pauses at none of its own; the limit keeps a run's tickets countable.
    private const int TicketsPerLifeMax = 200;

    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("MITHI_KILLS") ?? "10");
    private static readonly int Dice = int.Parse(Environment.GetEnvironmentVariable("MITHI_SEED") ?? "2");

    private readonly Lock counting = new();
    private readonly HashSet<string> sent = [];
    private readonly HashSet<string> acknowledged = [];

    [Fact]
    public async Task A_killed_node_has_all_that_it_acknowledged_and_nothing_twice()
    {
        using var temp = new TempFolder();
        var data = temp.File("data");
        Assert.Equal(ExitCode.Done, (await PublishedNode.RunAsync("migrate", "--data", data)).ExitCode);
        var token = await Seed.CustomerTokenAsync(data);
        var random = new Random(Dice);
        for (var life = 1; life <= Kills; life++) await LiveAsync(data, token, life, TimeSpan.FromMilliseconds(random.Next(0, 1_500)));

        await using var last = await PublishedNode.StartAsync(data);
        var there = await SubjectsAsync(last, token);
        Assert.Equal(there.Count, there.Distinct().Count());
        Assert.Empty(acknowledged.Except(there));
        Assert.Empty(there.Except(sent));
        var verdict = await PublishedNode.RunAsync("audit", "verify", "--data", data);
        // The chain of every ticket, too.
        Assert.True(verdict.ExitCode == ExitCode.Done, verdict.Output);
        Assert.Contains($"Intact: Tickets, {there.Count} tickets.", verdict.Output, StringComparison.Ordinal);
        output.WriteLine($"{Kills} kills, {sent.Count} tickets sent, {acknowledged.Count} acknowledged, {there.Count} there, audit: {verdict.Output.Trim()}");
        Assert.NotEmpty(acknowledged);
    }

    // One life of the node: it takes tickets from several writers at once and is killed in the middle of them; each fifth in its start.
    private async Task LiveAsync(string data, string token, int life, TimeSpan dice)
    {
        if (life % 5 == 0)
        {
            await using var starting = Proc.Start(PublishedNode.Program, ["serve", "--data", data, "--listen", "http://127.0.0.1:0"]);
            await DiceAsync(dice);
            await starting.KillAsync();
            return;
        }
        await using var node = await PublishedNode.StartAsync(data);
        using var end = new CancellationTokenSource();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writers = Task.WhenAll(Enumerable.Range(0, Writers).Select(w => WriteAsync(node, token, $"life {life} writer {w}", first, end.Token)));
        await Task.WhenAny(first.Task, writers);
        await DiceAsync(dice);
        await node.KillAsync();
        await end.CancelAsync();
        await writers;
        Assert.True(first.Task.IsCompleted, node.Log);
    }

    // The moment is random and nothing happens at it that could be waited for.
    private static Task DiceAsync(TimeSpan dice) => Task.Delay(dice, TimeProvider.System, CancellationToken.None);

    private async Task WriteAsync(PublishedNode node, string token, string writer, TaskCompletionSource first, CancellationToken ct)
    {
        for (var number = 1; number <= TicketsPerLifeMax / Writers && !ct.IsCancellationRequested; number++)
        {
            var subject = $"{writer} ticket {number}";
            lock (counting) sent.Add(subject);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/tickets") { Content = JsonContent.Create(new { subject, body = "Words." }) };
                request.Headers.Authorization = new("Bearer", token);
                using var response = await node.Http.SendAsync(request, CancellationToken.None);
                Assert.Equal(HttpStatusCode.Created, response.StatusCode);
                lock (counting) acknowledged.Add(subject);
                first.TrySetResult();
            }
            catch (HttpRequestException)
            {
                return;   // killed
            }
        }
    }

    private static async Task<List<string>> SubjectsAsync(PublishedNode node, string token)
    {
        var all = new List<string>();
        for (string? next = null; ;)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/tickets?limit=200{(next is null ? "" : $"&before={Uri.EscapeDataString(next)}")}");
            request.Headers.Authorization = new("Bearer", token);
            using var response = await node.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            using var page = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            all.AddRange(page.RootElement.GetProperty("tickets").EnumerateArray().Select(t => t.GetProperty("subject").GetString()!));
            next = page.RootElement.GetProperty("next").GetString();
            if (next is null) return all;
        }
    }
}
