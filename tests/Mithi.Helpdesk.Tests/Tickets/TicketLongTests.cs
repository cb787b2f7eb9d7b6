using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Xunit;

namespace Mithi.Helpdesk.Tests.Tickets;

/// <summary>A conversation of more entries than a page shows.</summary>
public sealed partial class TicketLongTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_newest_five_hundred_are_shown_and_a_link_leads_to_the_older()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser, body: "Message 1.");
        var ticket = await desk.TicketAsync(id);
        await desk.House.Db.WriteAsync(async tx =>
        {
            var log = desk.House.Get<TicketLog>();
            var at = desk.House.Now;
            for (var i = 2; i <= 501; i++)
            {
                ticket = await log.AppendAsync(tx, ticket, new TicketChange.Replied(i % 2 == 0 ? Side.Staff : Side.Customer, Via.Portal, []), new(null, "Somebody"), $"Message {i}.", at);
                if (i == 400) ticket = await log.AppendAsync(tx, ticket, new TicketChange.Noted(Via.Portal, []), new(null, "Somebody"), "xylophone", at);
            }
            ticket = await log.AppendAsync(tx, ticket, new TicketChange.StateSet(ticket.State, TicketState.WaitingForCustomer), new(null, "Somebody"), "", at);
        }, Ct);

        // 501 messages and an event: 502 entries for a customer, and a note more for staff.
        var newest = await desk.AcmeUser.PageAsync($"/tickets/{id}");
        Assert.Equal(500, Seqs(newest).Count);
        Assert.Contains("Message 501.", newest);
        Assert.DoesNotContain("Message 2.", newest);
        Assert.Contains($"name=\"seen\" value=\"{ticket.Seq}\"", newest);
        var older = await desk.AcmeUser.PageAsync(WebUtility.HtmlDecode(Older().Match(newest).Groups[1].Value));
        Assert.Contains("Message 1.", older);
        Assert.Contains("Message 2.", older);
        Assert.Equal(2, Seqs(older).Count);
        Assert.DoesNotContain("name=\"seen\"", older);
        Assert.DoesNotMatch(Older(), older);
        Assert.Empty(Seqs(newest).Intersect(Seqs(older)));

        var staff = await desk.Engineer.PageAsync($"/tickets/{id}");
        Assert.Equal(500, Seqs(staff).Count);
        Assert.Equal(3, Seqs(await desk.Engineer.PageAsync(WebUtility.HtmlDecode(Older().Match(staff).Groups[1].Value))).Count);

        var json = JsonDocument.Parse(await desk.AcmeUser.PageAsync($"/api/tickets/{id}")).RootElement;
        Assert.Equal(500, json.GetProperty("entries").GetArrayLength());
        var rest = JsonDocument.Parse(await desk.AcmeUser.PageAsync($"/api/tickets/{id}?before={json.GetProperty("older").GetInt64()}")).RootElement;
        Assert.Equal(["Message 1.", "Message 2."], rest.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("body").GetString()!));
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("older").ValueKind);

        // Whoever read the newest page is not behind, and an open page that slept long gets everything piece by piece.
        using var answer = await desk.ReplyAsync(desk.AcmeUser, id, "I am back.", seen: ticket.Seq);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        var part = Seqs(await desk.AcmeUser.PageAsync($"/tickets/{id}/entries?after=0"));
        Assert.Equal((500, 1L), (part.Count, part[0]));
        Assert.Equal(4, Seqs(await desk.AcmeUser.PageAsync($"/tickets/{id}/entries?after={part[^1]}")).Count);
    }

    private static IReadOnlyList<long> Seqs(string html) => [.. Seq().Matches(html).Select(m => long.Parse(m.Groups[1].Value))];

    [GeneratedRegex("data-seq=\"([0-9]+)\"")]
    private static partial Regex Seq();

    [GeneratedRegex("<a rel=\"next\" href=\"([^\"]+)\"")]
    private static partial Regex Older();
}
