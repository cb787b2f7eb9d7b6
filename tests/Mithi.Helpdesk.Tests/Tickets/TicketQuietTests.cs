using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Tickets;
using Xunit;

namespace Mithi.Helpdesk.Tests.Tickets;

/// <summary>What staff does among itself is not even heard: nothing that a customer can look at moves.</summary>
public sealed partial class TicketQuietTests
{
    [Fact]
    public async Task Notes_assignments_and_hand_overs_change_nothing_that_others_see()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var first = await desk.OpenAsync(desk.AcmeUser, "The first", priority: "P1");
        clock.Advance(TimeSpan.FromMinutes(10));
        await desk.OpenAsync(desk.AcmeUser, "The second", priority: "P1");
        // Long enough for both promises to be broken before the note.
        clock.Advance(TimeSpan.FromHours(9));
        Testing.TestBrowser[] others = [desk.AcmeUser, desk.AcmeAdministrator, desk.Partner];
        string[] paths = ["/tickets", "/api/tickets", "/api/tickets?limit=1", $"/tickets/{first}", $"/api/tickets/{first}", "/tickets?show=overdue", "/tickets?show=mine"];
        var before = await SeenAsync(others, paths);

        clock.Advance(TimeSpan.FromMinutes(5));
        using (await desk.NoteAsync(desk.Engineer, first, "xylophone")) { }
        using (await desk.Engineer.PostAsync($"/tickets/{first}/assignee", new Dictionary<string, string> { ["assignee"] = $"{await EngineerAsync(desk)}" })) { }
        using (await desk.HandOverAsync(desk.Engineer, first, "L2", "xylophone")) { }
        Assert.Equal(before, await SeenAsync(others, paths));
        Assert.StartsWith("The first", Subjects().Match(await desk.Engineer.PageAsync("/api/tickets")).Groups[1].Value);
        // Besides, the house may have noted that the promises were broken: nobody sees that either.
        Assert.True((await desk.TicketAsync(first)).Seq >= 5);

        // A public entry raises it again for everybody.
        using (await desk.ReplyAsync(desk.Engineer, first, "Since when?")) { }
        Assert.StartsWith("The first", Subjects().Match(await desk.AcmeUser.PageAsync("/api/tickets")).Groups[1].Value);
    }

    private static async Task<IReadOnlyList<string>> SeenAsync(IEnumerable<Testing.TestBrowser> others, string[] paths)
    {
        var seen = new List<string>();
        foreach (var other in others)
            foreach (var path in paths) seen.Add(Passing().Replace(await other.PageAsync(path), ""));
        return seen;
    }

    private static Task<long> EngineerAsync(TestHelpdesk desk) => desk.CountAsync("select id from person where email = 'engineer@vendor.test'");

    // What is another each time that a page is made.
    [GeneratedRegex("name=\"_forgery\" value=\"[^\"]+\"|nonce=\"[^\"]+\"")]
    private static partial Regex Passing();

    [GeneratedRegex("\"subject\":\"([^\"]+)\"")]
    private static partial Regex Subjects();
}
