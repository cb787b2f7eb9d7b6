using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Xunit;

namespace Mithi.Helpdesk.Tests.Tickets;

public sealed class TicketPageTests
{
    [Fact]
    public async Task A_customer_logs_a_ticket_and_an_engineer_answers_within_the_promise()
    {
        // Tuesday 10:00 in India.
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var id = await desk.OpenAsync(desk.AcmeUser);

        var before = await desk.Engineer.PageAsync($"/tickets/{id}");
        Assert.Contains("Mail is slow", before);
        Assert.Contains("Since Monday.", before);
        // Eight hours of the 12x6 calendar: 18:00 in India is 12:30 UTC.
        Assert.Contains("2026-01-06T12:30:00Z", before);
        Assert.Contains("12x6", before);

        clock.Advance(TimeSpan.FromMinutes(95));
        using var answered = await desk.ReplyAsync(desk.Engineer, id, "Please restart the queue.", then: "WaitingForCustomer");
        Assert.Equal(HttpStatusCode.SeeOther, answered.StatusCode);
        var after = await desk.Engineer.PageAsync($"/tickets/{id}");
        Assert.Contains("kept", after);
        Assert.Contains("1:35 h of 8:00 h", after);

        var seen = await desk.AcmeUser.PageAsync($"/tickets/{id}");
        Assert.Contains("Please restart the queue.", seen);
        Assert.Equal(TicketState.WaitingForCustomer, (await desk.TicketAsync(id)).State);
        using var thanked = await desk.ReplyAsync(desk.AcmeUser, id, "Thank you.");
        Assert.Equal(TicketState.Open, (await desk.TicketAsync(id)).State);
        // The customer reads who wrote no more than that it was the support.
        Assert.DoesNotContain("A SupportL1", seen);
    }

    [Fact]
    public async Task Who_does_not_reach_a_ticket_finds_nothing_there()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        foreach (var may in (IReadOnlyList<Testing.TestBrowser>)[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner, desk.Engineer])
        {
            Assert.Contains("Mail is slow", await may.PageAsync($"/tickets/{id}"));
            Assert.Contains("Mail is slow", await may.PageAsync("/tickets"));
        }
        foreach (var not in (IReadOnlyList<Testing.TestBrowser>)[desk.AcmeColleague, desk.Stranger])
        {
            foreach (var path in (string[])[$"/tickets/{id}", $"/tickets/{id}/entries", $"/tickets/{id}/feed", $"/tickets/{id}/files/1/1", $"/api/tickets/{id}"])
            {
                using var answer = await not.GetAsync(path);
                Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            }
            Assert.DoesNotContain("Mail is slow", await not.PageAsync("/tickets?show=all"));
            using var reply = await not.PostAsync($"/tickets/{id}/replies", new Dictionary<string, string> { ["body"] = "mine", ["seen"] = "9" });
            Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
            using var state = await not.PostAsync($"/tickets/{id}/state", new Dictionary<string, string> { ["to"] = "Resolved" });
            Assert.Equal(HttpStatusCode.NotFound, state.StatusCode);
        }
        using var nobody = await desk.House.Browser().GetAsync($"/tickets/{id}");
        Assert.Equal(HttpStatusCode.Redirect, nobody.StatusCode);
    }

    [Fact]
    public async Task An_internal_note_is_nowhere_where_a_customer_looks()
    {
        const string Secret = "xylophone";
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (var content = new MultipartFormDataContent())
        {
            content.Add(new StringContent(await desk.Engineer.ForgeryAsync($"/tickets/{id}")), "_forgery");
            content.Add(new StringContent($"The customer's {Secret} is out of tune."), "body");
            content.Add(new StringContent("9"), "seen");
            content.Add(new ByteArrayContent("internal log"u8.ToArray()), "files", $"{Secret}.log");
            using var kept = await desk.Engineer.Http.PostAsync($"/tickets/{id}/notes", content);
            Assert.Equal(HttpStatusCode.SeeOther, kept.StatusCode);
        }
        using (await desk.HandOverAsync(desk.Engineer, id, "L2", $"{Secret} again")) { }
        using (await desk.ReplyAsync(desk.Engineer, id, "We look into it.")) { }
        await desk.DrainAsync();

        var staff = await desk.Engineer.PageAsync($"/tickets/{id}");
        Assert.Contains("out of tune", staff);
        Assert.Contains("class=\"message note\"", staff);
        Assert.Contains("out of tune", await desk.Engineer.PageAsync($"/api/tickets/{id}"));
        foreach (var outside in (IReadOnlyList<Testing.TestBrowser>)[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner])
        {
            foreach (var path in (string[])[$"/tickets/{id}", $"/tickets/{id}/entries", $"/tickets/{id}/entries?after=1", "/tickets?show=all", $"/api/tickets/{id}", "/api/tickets"])
                Assert.DoesNotContain(Secret, await outside.PageAsync(path));
            using var file = await outside.GetAsync($"/tickets/{id}/files/2/1");
            Assert.Equal(HttpStatusCode.NotFound, file.StatusCode);
            using var note = await outside.PostAsync($"/tickets/{id}/notes", new Dictionary<string, string> { ["body"] = "mine", ["seen"] = "9" });
            Assert.Equal(HttpStatusCode.Forbidden, note.StatusCode);
            using var csv = await outside.GetAsync($"/tickets/{id}/clocks/Resolution.csv");
            Assert.Equal(HttpStatusCode.Forbidden, csv.StatusCode);
            // A stale reply shows what is newer, and what a customer may not see makes nothing stale.
            using var reply = await outside.PostAsync($"/tickets/{id}/replies", new Dictionary<string, string> { ["body"] = "Any news?", ["seen"] = "1" });
            Assert.DoesNotContain(Secret, await reply.Content.ReadAsStringAsync());
        }
        Assert.Equal(0, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%xylophone%'"));
        Assert.Equal(2, await desk.CountAsync("select count(*) from outgoing_mail"));   // the receipt and the answer
        // The search knows it, for staff alone.
        var index = desk.House.Get<Kernel.Search.SearchIndex>();
        var query = Kernel.Search.SearchQuery.Parse(Secret);
        var seen = await index.FindAsync(query, Somebody(Role.SupportL1, desk.Vendor), null, 0, TestContext.Current.CancellationToken);
        Assert.Equal(1, seen.Total);
        foreach (var role in (Role[])[Role.CustomerUser, Role.CustomerAdministrator, Role.Partner, Role.Public])
            Assert.Equal(0, (await index.FindAsync(query, Somebody(role, desk.Acme), null, 0, TestContext.Current.CancellationToken)).Total);
    }

    [Fact]
    public async Task A_note_is_not_heard_on_a_customers_feed()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/tickets/{id}/feed");
        using var answer = await desk.AcmeUser.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        using var feed = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal("ready", await NextAsync(feed));
        using (await desk.NoteAsync(desk.Engineer, id, "Quiet.")) { }
        using (await desk.ReplyAsync(desk.Engineer, id, "Aloud.")) { }
        Assert.Equal("entry 3", await NextAsync(feed));
    }

    [Fact]
    public async Task A_stale_reply_is_shown_the_newer_messages_and_keeps_what_was_typed()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.Engineer, id, "Which version is it?", seen: 1)) { }
        using var stale = await desk.ReplyAsync(desk.AcmeUser, id, "It happened <again>.", seen: 1);
        Assert.Equal(HttpStatusCode.Conflict, stale.StatusCode);
        var page = await stale.Content.ReadAsStringAsync();
        Assert.Contains("Which version is it?", page);
        Assert.Contains("It happened &lt;again&gt;.", page);
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket_message where body like '%again%'"));
        using var sent = await desk.ReplyAsync(desk.AcmeUser, id, "It happened <again>.", seen: 2);
        Assert.Equal(HttpStatusCode.SeeOther, sent.StatusCode);
    }

    [Fact]
    public async Task A_form_with_mistakes_keeps_what_was_typed_and_saves_nothing()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var answer = await desk.AcmeUser.PostAsync("/tickets/new", new Dictionary<string, string>
        {
            ["subject"] = new('x', 201), ["kind"] = "Wish", ["priority"] = "0", ["body"] = "typed <b>words</b>",
        });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains("typed &lt;b&gt;words&lt;/b&gt;", page);
        Assert.Contains("This is too long: at most 200 characters.", page);
        Assert.Equal(2, page.Split("<span class=\"error\"").Length - 1 - 1);
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket"));
    }

    [Fact]
    public async Task A_file_comes_back_as_it_was_and_is_never_a_page_of_ours()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var content = new MultipartFormDataContent();
        content.Add(new StringContent(await desk.AcmeUser.ForgeryAsync("/tickets/new")), "_forgery");
        foreach (var (name, value) in ((string, string)[])[("subject", "With a file"), ("kind", "Question"), ("priority", "P4"), ("body", "See the file.")])
            content.Add(new StringContent(value), name);
        content.Add(new ByteArrayContent("<script>alert(1)</script>"u8.ToArray()) { Headers = { ContentType = new("text/html") } }, "files", "../../evil\u202Egnp.html");
        using var opened = await desk.AcmeUser.Http.PostAsync("/tickets/new", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.SeeOther, opened.StatusCode);
        var id = opened.Headers.Location!.ToString();
        using var file = await desk.Engineer.GetAsync($"{id}/files/1/1");
        Assert.Equal("<script>alert(1)</script>", await file.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("text/plain", file.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", file.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("evilgnp.html", file.Content.Headers.ContentDisposition.FileName!.Trim('"'));
        Assert.StartsWith("sandbox", file.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task A_long_list_is_read_page_by_page_without_missing_or_repeating_one()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var opened = new List<TicketId>();
        var store = desk.House.Get<TicketDesk>();
        for (var i = 0; i < 120; i++)
            opened.Add(((TicketResult.Done)await store.OpenAsync(new($"Ticket {i}", TicketKind.Question, Priority.P4, "", "", "text"),
                Somebody(Role.CustomerAdministrator, desk.Acme), Via.Portal, TestContext.Current.CancellationToken)).Ticket.Id);
        var seen = new List<TicketId>();
        for (string? path = "/tickets"; path is not null;)
        {
            var page = await desk.AcmeAdministrator.PageAsync(path);
            seen.AddRange(System.Text.RegularExpressions.Regex.Matches(page, ">#([0-9]+)</a>").Select(m => new TicketId(long.Parse(m.Groups[1].Value))));
            path = System.Text.RegularExpressions.Regex.Match(page, "rel=\"next\" href=\"([^\"]+)\"") is { Success: true } next
                ? WebUtility.HtmlDecode(next.Groups[1].Value) : null;
        }
        Assert.Equal(opened.AsEnumerable().Reverse(), seen);
    }

    [Fact]
    public async Task Resolving_needs_an_answer_and_a_closed_ticket_takes_none()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var refused = await desk.Engineer.PostAsync($"/tickets/{id}/state", new Dictionary<string, string> { ["to"] = "Resolved" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using var resolved = await desk.ReplyAsync(desk.Engineer, id, "It was the disk.", then: "Resolved");
        Assert.Equal(TicketState.Resolved, (await desk.TicketAsync(id)).State);

        using (await desk.ReplyAsync(desk.AcmeUser, id, "It is back.")) { }
        Assert.Equal(TicketState.Open, (await desk.TicketAsync(id)).State);
        using (await desk.AcmeUser.PostAsync($"/tickets/{id}/state", new Dictionary<string, string> { ["to"] = "Resolved" })) { }
        Assert.Equal(TicketState.Resolved, (await desk.TicketAsync(id)).State);

        clock.Advance(TimeSpan.FromDays(15));
        foreach (var job in desk.House.Services.GetServices<IRecurringJob>().OfType<CloseJob>()) await job.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(TicketState.Closed, (await desk.TicketAsync(id)).State);
        // Everybody's session has ended meanwhile.
        using var again = await desk.House.SignInAsync(Role.CustomerAdministrator, desk.Acme, "late@acme.test");
        using var late = await desk.ReplyAsync(again, id, "Once more.");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.StatusCode);
    }

    [Theory]
    [InlineData("state", "to", "Nowhere")]
    [InlineData("state", "to", "Resolved")]
    [InlineData("priority", "priority", "P9")]
    [InlineData("assignee", "assignee", "asha")]
    [InlineData("assignee", "assignee", "4711")]
    [InlineData("level", "level", "L9")]
    [InlineData("level", "level", "L1")]
    public async Task What_can_not_be_chosen_is_refused_and_changes_nothing(string form, string field, string value)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        var engineer = await desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<string>(
            "select cast(id as text) from person where email = 'engineer@vendor.test'"), CancellationToken.None);
        using (var given = await desk.Engineer.PostAsync($"/tickets/{id}/assignee", new Dictionary<string, string> { ["assignee"] = engineer }))
            Assert.Equal(HttpStatusCode.SeeOther, given.StatusCode);
        var before = await desk.TicketAsync(id);
        using var refused = await desk.Engineer.PostAsync($"/tickets/{id}/{form}", new Dictionary<string, string> { [field] = value, ["reason"] = "Because." });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains($"id=\"{field}-error\"", await refused.Content.ReadAsStringAsync());
        Assert.Equal(before, await desk.TicketAsync(id));
        using (var nobody = await desk.Engineer.PostAsync($"/tickets/{id}/assignee", new Dictionary<string, string> { ["assignee"] = "" }))
            Assert.Equal(HttpStatusCode.SeeOther, nobody.StatusCode);
        Assert.Null((await desk.TicketAsync(id)).AssigneeId);
    }

    [Fact]
    public async Task A_refused_form_keeps_what_was_chosen()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (var state = await desk.Engineer.PostAsync($"/tickets/{id}/state", new Dictionary<string, string> { ["to"] = "Resolved" }))
            Assert.Contains("<option value=\"Resolved\" selected", await state.Content.ReadAsStringAsync());
        var reason = "Long " + new string('x', 2_000);
        using var level = await desk.HandOverAsync(desk.Engineer, id, "L3", reason);
        var page = await level.Content.ReadAsStringAsync();
        Assert.Contains("This is too long: at most 2,000 characters.", page);
        Assert.Contains(reason, page);
        Assert.Contains("name=\"level\" value=\"L3\"", page);
    }

    [Fact]
    public async Task A_customer_can_not_work_a_ticket()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        foreach (var (path, field, value) in ((string, string, string)[])[("priority", "priority", "P1"), ("assignee", "assignee", "1"), ("level", "level", "L3")])
        {
            using var answer = await desk.AcmeAdministrator.PostAsync($"/tickets/{id}/{path}", new Dictionary<string, string> { [field] = value, ["reason"] = "now" });
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        foreach (var to in (string[])["Closed", "WaitingForVendor", "Merged", "7", "resolved;"])
        {
            using var answer = await desk.AcmeUser.PostAsync($"/tickets/{id}/state", new Dictionary<string, string> { ["to"] = to });
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        }
        using var then = await desk.ReplyAsync(desk.AcmeUser, id, "Close it.", then: "Closed");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, then.StatusCode);
        Assert.Equal(TicketState.New, (await desk.TicketAsync(id)).State);
    }

    [Fact]
    public async Task A_hand_over_needs_a_reason_and_goes_to_everybody_of_the_next_level()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        var engineer = await desk.CountAsync("select id from person where email = 'engineer@vendor.test'");
        using (await desk.Engineer.PostAsync($"/tickets/{id}/assignee", new Dictionary<string, string> { ["assignee"] = $"{engineer}" })) { }
        Assert.Contains($"#{id}", await desk.Engineer.PageAsync("/tickets?show=mine"));
        using var silent = await desk.HandOverAsync(desk.Engineer, id, "Development", " ");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, silent.StatusCode);
        using (await desk.HandOverAsync(desk.Engineer, id, "Development", "Crash in the queue, core attached.")) { }
        var ticket = await desk.TicketAsync(id);
        Assert.Equal((Level.Development, null), (ticket.Level, ticket.AssigneeId));
        Assert.Contains("Crash in the queue, core attached.", await desk.Engineer.PageAsync($"/tickets/{id}"));
        var customer = await desk.CountAsync("select id from person where email = 'admin@acme.test'");
        using var wrong = await desk.Engineer.PostAsync($"/tickets/{id}/assignee", new Dictionary<string, string> { ["assignee"] = $"{customer}" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
    }

    private static CurrentPerson Somebody(Role role, OrganisationId organisation) => new()
    {
        Id = new(1), Organisation = organisation, Role = role, Name = "Somebody", Zone = NodaTime.DateTimeZone.Utc,
    };

    /// <summary>The next event of a feed, with its data.</summary>
    private static async Task<string> NextAsync(StreamReader feed)
    {
        var (name, data) = ("", "");
        while (await feed.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line["event: ".Length..];
            if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line["data: ".Length..];
            if (line.Length == 0 && name.Length > 0) return $"{name} {data}".Trim();
        }
        throw new EndOfStreamException();
    }
}
