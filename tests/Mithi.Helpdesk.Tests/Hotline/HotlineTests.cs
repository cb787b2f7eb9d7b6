using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Hotline;

/// <summary>Find, say, save: calls become tickets, or parts of them, and answer what was promised.</summary>
public sealed partial class HotlineTests
{
    private static readonly DateTimeOffset TuesdayMorning = new(2026, 1, 6, 4, 30, 0, TimeSpan.Zero);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_is_a_ticket_after_find_say_and_save()
    {
        var clock = new FakeTimeProvider(TuesdayMorning);
        await using var desk = await TestHelpdesk.StartAsync(clock);
        await KeepAsync(desk, "Latha Rao", "098450 12345", "latha@acme.test");

        // One: the number as the telephone shows it. A whole number leads straight to the form.
        using var found = await desk.Engineer.GetAsync("/hotline?q=%2B919845012345");
        Assert.Equal(HttpStatusCode.Redirect, found.StatusCode);
        var page = await desk.Engineer.PageAsync(found.Headers.Location!.ToString());
        Assert.Contains("Call from Acme", page, StringComparison.Ordinal);
        Assert.Contains("value=\"Latha Rao\"", page, StringComparison.Ordinal);
        Assert.Contains("no running subscription", page, StringComparison.Ordinal);
        // Two and three.
        clock.Advance(TimeSpan.FromMinutes(7));
        using var saved = await SaveAsync(desk, new()
        {
            ["caller"] = "c1", ["name"] = "Latha Rao", ["phone"] = "098450 12345", ["mail"] = "latha@acme.test", ["subject"] = "Queue is stuck",
            ["body"] = "Restart it from the menu.", ["priority"] = "P2", ["started"] = Started().Match(page).Groups[1].Value,
        });
        Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);

        var ticket = await desk.TicketAsync(NumberOf(saved));
        Assert.Equal((desk.Acme, "Latha Rao", "latha@acme.test", TicketState.Open, Priority.P2),
            (ticket.OrganisationId, ticket.RequesterName, ticket.RequesterEmail, ticket.State, ticket.Priority));
        var shown = WebUtility.HtmlDecode(await desk.Engineer.PageAsync($"/tickets/{ticket.Id}"));
        Assert.Contains("Latha Rao (098450 12345) called, 7 min", shown, StringComparison.Ordinal);
        Assert.Contains("by phone", shown, StringComparison.Ordinal);
        Assert.Contains("Restart it from the menu.", shown, StringComparison.Ordinal);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket where response_state = 'Met' and resolution_state = 'Running'"));
        // The customer's own administrator reads it, without the number.
        var theirs = WebUtility.HtmlDecode(await desk.AcmeAdministrator.PageAsync($"/tickets/{ticket.Id}"));
        Assert.Contains("Latha Rao called, 7 min", theirs, StringComparison.Ordinal);
        Assert.Contains("Restart it from the menu.", theirs, StringComparison.Ordinal);
        Assert.DoesNotContain("098450", theirs, StringComparison.Ordinal);
        using var foreign = await desk.Stranger.GetAsync($"/tickets/{ticket.Id}");
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
    }

    [Fact]
    public async Task A_call_in_an_open_ticket_answers_its_clocks_and_one_that_waits_does_not()
    {
        var clock = new FakeTimeProvider(TuesdayMorning);
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var id = await desk.OpenAsync(desk.AcmeUser);
        clock.Advance(TimeSpan.FromMinutes(10));
        using (var waits = await SaveAsync(desk, new() { ["ticket"] = $"{id}", ["name"] = "A user", ["body"] = "Calls again.", ["waits"] = "1" }))
            Assert.Equal(HttpStatusCode.SeeOther, waits.StatusCode);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket where response_state = 'Running'"));
        Assert.Equal(TicketState.New, (await desk.TicketAsync(id)).State);
        // Nobody has answered him, so it can't be resolved without an answer.
        using (await desk.Engineer.PostAsync($"/tickets/{id}/state", new Dictionary<string, string> { ["to"] = "Resolved" })) { }
        Assert.Equal(TicketState.New, (await desk.TicketAsync(id)).State);

        using (await SaveAsync(desk, new() { ["ticket"] = $"{id}", ["name"] = "A user", ["body"] = "He was told how.", ["minutes"] = "12" })) { }
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket where response_state = 'Met'"));
        Assert.Equal(TicketState.Open, (await desk.TicketAsync(id)).State);
        var page = WebUtility.HtmlDecode(await desk.AcmeUser.PageAsync($"/tickets/{id}"));
        Assert.Contains("A user called, 0 min, and waits to be called back", page, StringComparison.Ordinal);
        Assert.Contains("A user called, 12 min", page, StringComparison.Ordinal);
        Assert.Contains("He was told how.", page, StringComparison.Ordinal);

        // Later he calls and nobody can help: the next response is owed from then on.
        clock.Advance(TimeSpan.FromMinutes(30));
        using (await SaveAsync(desk, new() { ["ticket"] = $"{id}", ["name"] = "A user", ["body"] = "Still slow.", ["waits"] = "1" })) { }
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket where next_response_state = 'Running'"));
        using (await desk.Engineer.PostAsync($"/tickets/{id}/state", new Dictionary<string, string> { ["to"] = "Resolved" })) { }
        Assert.Equal(TicketState.Resolved, (await desk.TicketAsync(id)).State);
    }

    [Fact]
    public async Task What_only_staff_may_read_of_a_call_is_a_note()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await SaveAsync(desk, new() { ["ticket"] = $"{id}", ["name"] = "A user", ["body"] = "xylophone", ["internal"] = "1" })) { }
        using var opened = await SaveAsync(desk, new() { ["name"] = "A user", ["subject"] = "By phone", ["body"] = "xylophone", ["internal"] = "1" });
        var second = NumberOf(opened);
        await desk.DrainAsync();
        foreach (var ticket in (TicketId[])[id, second])
        {
            Assert.Contains("xylophone", await desk.Engineer.PageAsync($"/tickets/{ticket}"), StringComparison.Ordinal);
            foreach (var outside in (TestBrowser[])[desk.AcmeAdministrator, desk.Partner])
                foreach (var path in (string[])[$"/tickets/{ticket}", $"/tickets/{ticket}/entries", $"/api/tickets/{ticket}"])
                    Assert.DoesNotContain("xylophone", await outside.PageAsync(path), StringComparison.Ordinal);
        }
        Assert.Equal(0, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%xylophone%'"));
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket_message where body like '%xylophone%'"));
    }

    [Fact]
    public async Task An_unknown_caller_is_a_ticket_that_staff_alone_sees()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var page = await desk.Engineer.PageAsync("/hotline?q=98450%2000000");
        Assert.Contains("Nobody is known by that", page, StringComparison.Ordinal);
        Assert.Contains("/hotline/unknown?phone=98450", page, StringComparison.Ordinal);
        using var saved = await desk.Engineer.SubmitAsync("/hotline/unknown?phone=98450%2000000",
            new Dictionary<string, string> { ["name"] = "Somebody", ["subject"] = "Asks for a price", ["body"] = "Calls again." });
        var ticket = await desk.TicketAsync(NumberOf(saved));
        Assert.Null(ticket.OrganisationId);
        foreach (var outside in (TestBrowser[])[desk.AcmeAdministrator, desk.Partner, desk.Stranger])
        {
            using var answer = await outside.GetAsync($"/tickets/{ticket.Id}");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task The_next_call_finds_who_called_before()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        Assert.Empty(await desk.House.Get<ContactStore>().OfAsync(desk.Acme, Ct));
        using (await SaveAsync(desk, new() { ["name"] = "Guard at the gate", ["phone"] = "+91 98450 77777", ["subject"] = "Power", ["body"] = "It is back.", ["remember"] = "1" })) { }
        using var found = await desk.Engineer.GetAsync("/hotline?q=098450-77777");
        Assert.Contains("Guard at the gate", await desk.Engineer.PageAsync(found.Headers.Location!.ToString()), StringComparison.Ordinal);
        // While one types, the list stays a list.
        using var typing = new HttpRequestMessage(HttpMethod.Get, "/hotline?q=098450-77777");
        typing.Headers.Add("HX-Request", "true");
        using var list = await desk.Engineer.Http.SendAsync(typing, Ct);
        Assert.Equal(HttpStatusCode.OK, list.StatusCode);
    }

    [Fact]
    public async Task A_person_with_an_account_owns_the_ticket_of_his_call_and_gets_the_receipt()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var user = (await desk.House.Get<PersonStore>().ByEmailAsync("user@acme.test", Ct))!;
        using var saved = await desk.Engineer.SubmitAsync($"/hotline/{desk.Acme}?caller=p{user.Id}", new Dictionary<string, string> { ["subject"] = "Slow", ["body"] = "Look at it." });
        var ticket = await desk.TicketAsync(NumberOf(saved));
        Assert.Equal(user.Id, ticket.RequesterId);
        Assert.Contains("Look at it.", await desk.AcmeUser.PageAsync($"/tickets/{ticket.Id}"), StringComparison.Ordinal);
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail"));

        // Another organisation's person, or another name, is not him.
        var stranger = (await desk.House.Get<PersonStore>().ByEmailAsync("admin@other.test", Ct))!;
        foreach (var (key, name) in ((string, string)[])[($"p{stranger.Id}", stranger.Name), ($"p{user.Id}", "His colleague"), ("c999", "Nobody"), ("p", "x"), ("zzz", "y")])
        {
            using var other = await SaveAsync(desk, new() { ["caller"] = key, ["name"] = name, ["subject"] = "Slow", ["body"] = "Look at it." });
            Assert.Null((await desk.TicketAsync(NumberOf(other))).RequesterId);
        }
    }

    [Fact]
    public async Task Whoever_does_not_work_on_tickets_takes_no_calls()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var release = await desk.House.SignInAsync(Role.ReleaseEngineer, desk.Vendor, "release@vendor.test");
        var fields = new Dictionary<string, string> { ["name"] = "Me", ["subject"] = "Mine", ["body"] = "Mine", ["kind"] = "Question", ["priority"] = "P3" };
        foreach (var not in (TestBrowser[])[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner, desk.Stranger, release])
        {
            foreach (var path in (string[])["/hotline?q=acme", $"/hotline/{desk.Acme}", "/hotline/unknown"])
            {
                using var page = await not.GetAsync(path);
                Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
            }
            foreach (var path in (string[])[$"/hotline/{desk.Acme}", "/hotline/unknown"])
            {
                using var answer = await not.PostAsync(path, fields);
                Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            }
        }
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket"));
    }

    [Theory]
    [InlineData("name", "")]
    [InlineData("subject", "")]
    [InlineData("body", "")]
    [InlineData("kind", "7")]
    [InlineData("priority", "")]
    [InlineData("mail", "not an address")]
    [InlineData("minutes", "-1")]
    [InlineData("minutes", "1441")]
    [InlineData("ticket", "zzz")]
    [InlineData("ticket", "999")]
    public async Task What_is_wrong_is_said_and_nothing_is_written(string field, string value)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var answer = await SaveAsync(desk, new() { ["name"] = "A user", ["subject"] = "Slow", ["body"] = "What was typed stays.", [field] = value });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Ct));
        Assert.Contains("role=\"alert\"", page, StringComparison.Ordinal);
        if (field != "body") Assert.Contains("What was typed stays.", page, StringComparison.Ordinal);
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket"));
    }

    [Fact]
    public async Task A_call_is_never_logged_in_another_customers_ticket()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var theirs = await desk.OpenAsync(desk.Stranger);
        using var answer = await SaveAsync(desk, new() { ["ticket"] = $"{theirs}", ["name"] = "A user", ["body"] = "Mixed up." });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(1, (await desk.TicketAsync(theirs)).Seq);
    }

    [Fact]
    public async Task Calls_are_rebuilt_from_the_log_as_they_were()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await SaveAsync(desk, new() { ["ticket"] = $"{id}", ["name"] = "A user", ["body"] = "Public words." })) { }
        using (await SaveAsync(desk, new() { ["name"] = "A user", ["subject"] = "Another", ["body"] = "Internal words.", ["internal"] = "1" })) { }
        var before = await DumpAsync();
        await desk.House.Get<TicketLog>().RebuildAsync(new Progress<(long, long)>(), Ct);
        Assert.Equal(before, await DumpAsync());
        Assert.True((await desk.House.Get<TicketLog>().VerifyAsync(Ct)).Intact);

        async Task<string> DumpAsync() => string.Join('\n', await desk.House.Db.ReadAsync(async tx => (await tx.QueryAsync<string>("""
            select state || response_state || seq || updated_at || public_updated_at from ticket
            union all select ticket_id || side || via || body || posted_at from ticket_message union all select ticket_id || via || body || posted_at from ticket_note
            """)).Order(StringComparer.Ordinal), Ct));
    }

    private static Task<HttpResponseMessage> SaveAsync(TestHelpdesk desk, Dictionary<string, string> fields)
    {
        fields.TryAdd("kind", "Question");
        fields.TryAdd("priority", "P3");
        return desk.Engineer.PostAsync($"/hotline/{desk.Acme}", fields);
    }

    private static async Task KeepAsync(TestHelpdesk desk, string name, string phone, string mail) => await desk.House.Get<ContactStore>().SaveAsync(desk.Acme, null,
        new(name, "", [phone], [mail]), 0, CurrentPerson.Nobody("en", DateTimeZone.Utc) with { Name = "Test" }, desk.House.Now, Ct);

    private static TicketId NumberOf(HttpResponseMessage saved) => new(long.Parse(Number().Match(saved.Headers.Location!.ToString()).Groups[1].Value));

    [GeneratedRegex("name=\"started\" value=\"([0-9]+)\"")]
    private static partial Regex Started();

    [GeneratedRegex("/tickets/([0-9]+)")]
    private static partial Regex Number();
}
