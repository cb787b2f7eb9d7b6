using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mithi.Kernel.People;
using Mithi.Kernel.Webhooks;
using Mithi.Testing;
using Xunit;

namespace Mithi.Helpdesk.Tests.Webhooks;

public sealed partial class WebhookTests
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 6, 0, 0, TimeSpan.Zero);

    private static readonly string[] All = ["opened", "replied", "state", "resolved", "closed", "priority", "fix-available", "noted", "assigned", "handed-over"];

    [Fact]
    public async Task A_hook_is_told_in_order_signed_and_once()
    {
        await using var desk = await StartAsync();
        await using var program = await Receiver.StartAsync();
        var (_, secret) = await AddAsync(desk.AcmeAdministrator, program.Url);
        var ticket = await desk.OpenAsync(desk.AcmeUser, "Mail is slow");
        using (await desk.ReplyAsync(desk.Engineer, ticket, "Since when?")) { }
        await desk.DrainAsync();

        Assert.Equal(["ticket.opened", "ticket.replied", "ticket.state"], program.Calls.Select(c => c.Event));
        Assert.Equal([$"ticket-{ticket}-1", $"ticket-{ticket}-2", $"ticket-{ticket}-3"], program.Calls.Select(c => c.Id));
        Assert.All(program.Calls, c => Assert.True(c.IsSignedWith(secret)));
        Assert.All(program.Calls, c => Assert.False(c.IsSignedWith(secret + "x")));
        var reply = program.Calls[1].Json.GetProperty("data");
        Assert.Equal("Since when?", reply.GetProperty("entry").GetProperty("body").GetString());
        Assert.Equal("Support", reply.GetProperty("entry").GetProperty("author").GetString());
        Assert.Equal("Mail is slow", reply.GetProperty("ticket").GetProperty("subject").GetString());
        // What rests in the database is no secret.
        Assert.Equal(0, await desk.CountAsync("select count(*) from webhook where secret like '%' || @secret || '%'", new { secret }));
        await desk.DrainAsync();
        Assert.Equal(3, program.Calls.Count);
    }

    [Fact]
    public async Task Each_hook_hears_what_its_owner_may_see_and_nothing_else()
    {
        var clock = new FakeTimeProvider(Monday);
        await using var desk = await StartAsync(clock);
        await using var acme = await Receiver.StartAsync();
        await using var partner = await Receiver.StartAsync();
        await using var other = await Receiver.StartAsync();
        await using var own = await Receiver.StartAsync();
        using var administrator = await desk.House.SignInAsync(Role.Administrator, desk.Vendor, "root@vendor.test");
        // Whatever a form asks for: internal events are not for customers.
        await AddAsync(desk.AcmeAdministrator, acme.Url, All);
        await AddAsync(desk.Partner, partner.Url, All);
        await AddAsync(desk.Stranger, other.Url, All);
        await AddAsync(administrator, own.Url, All);

        var ticket = await desk.OpenAsync(desk.AcmeUser, "subject-canary", "message-canary");
        using (await desk.NoteAsync(desk.Engineer, ticket, "note-canary")) { }
        var engineer = await desk.CountAsync("select id from person where email = 'engineer@vendor.test'");
        using (await desk.Engineer.PostAsync($"/tickets/{ticket}/assignee", new Dictionary<string, string> { ["assignee"] = $"{engineer}" })) { }
        using (await desk.HandOverAsync(desk.Engineer, ticket, "L2", "reason-canary")) { }
        using (await desk.ReplyAsync(desk.Engineer, ticket, "answer-canary", then: "Resolved")) { }
        // They take turns, so that slow ones never hold up other work.
        for (var turn = 0; turn < 6; turn++)
        {
            await desk.DrainAsync();
            clock.Advance(TimeSpan.FromSeconds(5));
        }

        foreach (var outside in new[] { acme, partner })
        {
            Assert.Equal(["ticket.opened", "ticket.replied", "ticket.resolved"], outside.Calls.Select(c => c.Event));
            var heard = string.Concat(outside.Calls.Select(c => c.Body));
            Assert.Contains("subject-canary", heard);
            Assert.Contains("message-canary", heard);
            Assert.Contains("answer-canary", heard);
            Assert.DoesNotContain("note-canary", heard);
            Assert.DoesNotContain("reason-canary", heard);
            Assert.DoesNotContain("A SupportL1", heard);
            Assert.DoesNotContain("\"L1\"", heard);
            Assert.DoesNotContain("\"L2\"", heard);
        }
        Assert.Empty(other.Calls);
        Assert.Equal(["ticket.opened", "ticket.noted", "ticket.assigned", "ticket.handed-over", "ticket.assigned", "ticket.replied", "ticket.resolved"], own.Calls.Select(c => c.Event));
        Assert.Contains("note-canary", own.Calls[1].Body);
        Assert.Contains("A SupportL1", own.Calls[5].Body);
    }

    [Fact]
    public async Task A_mail_of_nobody_known_is_told_to_the_node_alone()
    {
        await using var desk = await StartAsync();
        await using var acme = await Receiver.StartAsync();
        await AddAsync(desk.AcmeAdministrator, acme.Url);
        await desk.TakeInAsync(TestHelpdesk.From("who@nowhere.test", "Hello", "Is anybody there?"));
        await desk.DrainAsync();
        Assert.Empty(acme.Calls);
    }

    [Fact]
    public async Task A_failing_hook_is_tried_again_in_order_then_stopped_and_can_be_told_what_it_missed()
    {
        var clock = new FakeTimeProvider(Monday);
        await using var desk = await StartAsync(clock);
        await using var program = await Receiver.StartAsync();
        var (id, _) = await AddAsync(desk.AcmeAdministrator, program.Url);
        program.Answer = _ => 500;
        var ticket = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.AcmeUser, ticket, "More.")) { }
        await desk.DrainAsync();
        Assert.Single(program.Calls);
        Assert.Contains("<b>Out  of order</b>", WebUtility.HtmlDecode(await desk.AcmeAdministrator.PageAsync($"/webhooks/{id}")));

        clock.Advance(TimeSpan.FromSeconds(31));
        program.Answer = _ => 200;
        await desk.DrainAsync();
        Assert.Equal([$"ticket-{ticket}-1", $"ticket-{ticket}-1", $"ticket-{ticket}-2"], program.Calls.Select(c => c.Id));
        Assert.Equal(program.Calls[0].Body, program.Calls[1].Body);

        program.Answer = _ => 503;
        foreach (var body in (string[])["Still there?", "And now?", "And now?", "And now?"]) using (await desk.ReplyAsync(desk.AcmeUser, ticket, body)) { }
        for (var hour = 0; hour < 76; hour++)
        {
            await desk.DrainAsync();
            clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        }
        using var administrator = await desk.House.SignInAsync(Role.CustomerAdministrator, desk.Acme, "second@acme.test");
        await desk.DrainAsync();
        Assert.Equal(1, await desk.CountAsync("select count(*) from webhook where state = 'Stopped' and id = @id", new { id }));
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail where recipients = 'admin@acme.test'"));
        var told = program.Calls.Count;
        using (await desk.ReplyAsync(administrator, ticket, "Nobody hears this.")) { }
        await desk.DrainAsync();
        Assert.Equal(told, program.Calls.Count);

        program.Answer = _ => 200;
        using (await administrator.PostAsync($"/webhooks/{id}/on")) { }
        using (await administrator.SubmitAsync($"/webhooks/{id}", new Dictionary<string, string> { ["from"] = "2026-03-01T00:00", ["to"] = "2026-03-20T00:00" })) { }
        await desk.DrainAsync();
        var again = program.Calls.Skip(told).Select(c => c.Id).ToArray();
        Assert.Equal(again.OrderBy(i => int.Parse(i.Split('-')[^1])), again);
        Assert.Contains("Nobody hears this.", program.Calls[^1].Body);
        Assert.Equal(0, await desk.CountAsync("select count(*) from webhook_delivery where state <> 'Delivered'"));
    }

    [Fact]
    public async Task One_event_that_is_never_taken_holds_the_others_a_day_and_no_longer()
    {
        var clock = new FakeTimeProvider(Monday);
        await using var desk = await StartAsync(clock);
        await using var program = await Receiver.StartAsync();
        await AddAsync(desk.AcmeAdministrator, program.Url);
        var ticket = await desk.OpenAsync(desk.AcmeUser);
        program.Answer = c => c.Event == "ticket.opened" ? 400 : 200;
        using (await desk.ReplyAsync(desk.AcmeUser, ticket, "More.")) { }
        for (var hour = 0; hour < 26; hour++)
        {
            await desk.DrainAsync();
            clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        }
        Assert.Equal("ticket.replied", program.Calls[^1].Event);
        Assert.Equal(1, await desk.CountAsync("select count(*) from webhook_delivery where state = 'Failed'"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from webhook where state = 'On' and failing_since = 0"));
    }

    [Fact]
    public async Task A_program_that_says_gone_is_not_called_again()
    {
        await using var desk = await StartAsync();
        await using var program = await Receiver.StartAsync();
        var (id, _) = await AddAsync(desk.AcmeAdministrator, program.Url);
        program.Answer = _ => 410;
        using (await desk.AcmeAdministrator.PostAsync($"/webhooks/{id}/ping")) { }
        await desk.DrainAsync();
        Assert.Equal("ping", Assert.Single(program.Calls).Event);
        Assert.Equal(1, await desk.CountAsync("select count(*) from webhook where state = 'Stopped'"));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var desk = await StartAsync();
        await using var program = await Receiver.StartAsync();
        await using var elsewhere = await Receiver.StartAsync();
        var (id, _) = await AddAsync(desk.AcmeAdministrator, program.Url);
        (program.Answer, program.Location) = (_ => 307, elsewhere.Url);
        using (await desk.AcmeAdministrator.PostAsync($"/webhooks/{id}/ping")) { }
        await desk.DrainAsync();
        Assert.Single(program.Calls);
        Assert.Empty(elsewhere.Calls);
        Assert.Equal(1, await desk.CountAsync("select count(*) from webhook_delivery where state = 'Pending' and status = 307"));
    }

    [Fact]
    public async Task A_name_that_leads_into_a_private_network_is_not_connected_to()
    {
        await using var desk = await StartAsync(isPrivate: "nobody", replace: services => services.AddSingleton<IHostAddresses, Rebound>());
        await using var program = await Receiver.StartAsync();
        var (id, _) = await AddAsync(desk.AcmeAdministrator, $"https://innocent.example:{new Uri(program.Url).Port}/");
        using (await desk.AcmeAdministrator.PostAsync($"/webhooks/{id}/ping")) { }
        await desk.DrainAsync();
        Assert.Empty(program.Calls);
        Assert.Equal(1, await desk.CountAsync("select count(*) from webhook_delivery where status = 0 and answer like '%no address that may be called%'"));
    }

    [Theory]
    [InlineData("http://example.org/hook")]
    [InlineData("https://127.0.0.1/hook")]
    [InlineData("https://[::1]/hook")]
    [InlineData("https://10.1.2.3/hook")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://name:word@example.org/")]
    [InlineData("ftp://example.org/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://")]
    [InlineData("")]
    public async Task An_address_that_may_not_be_called_is_refused_when_it_is_typed(string url)
    {
        await using var desk = await StartAsync(isPrivate: "nobody");
        using var refused = await desk.AcmeAdministrator.PostAsync("/webhooks/new", Fields(url, ["opened"]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal(0, await desk.CountAsync("select count(*) from webhook"));
    }

    [Theory]
    [InlineData("8.8.8.8", true, true)]
    [InlineData("2606:4700::1", true, true)]
    [InlineData("10.0.0.1", false, true)]
    [InlineData("172.31.255.255", false, true)]
    [InlineData("192.168.1.1", false, true)]
    [InlineData("100.64.0.1", false, true)]
    [InlineData("127.0.0.1", false, true)]
    [InlineData("::1", false, true)]
    [InlineData("fd00::1", false, true)]
    [InlineData("::ffff:10.0.0.1", false, true)]
    [InlineData("169.254.169.254", false, false)]
    [InlineData("::ffff:169.254.169.254", false, false)]
    [InlineData("0.0.0.0", false, false)]
    [InlineData("::", false, false)]
    [InlineData("fe80::1", false, false)]
    [InlineData("224.0.0.1", false, false)]
    [InlineData("ff02::1", false, false)]
    [InlineData("2002:a00:1::1", false, false)]
    [InlineData("64:ff9b::a00:1", false, false)]
    [InlineData("255.255.255.255", false, false)]
    public void Private_addresses_are_for_who_was_allowed_and_special_ones_for_nobody(string address, bool isOpen, bool isOpenWithLeave)
    {
        Assert.Equal(isOpen, WebhookTarget.IsAllowed(IPAddress.Parse(address), false));
        Assert.Equal(isOpenWithLeave, WebhookTarget.IsAllowed(IPAddress.Parse(address), true));
    }

    [Fact]
    public void The_manuals_example_is_right()
    {
        var manual = File.ReadAllText(Path.Join(Checkout.Root, "wiki-content/reference/webhooks.md"));
        var header = WebhookSignature.Of("{\"id\":\"ping-1\"}"u8, NodaTime.Instant.FromUnixTimeSeconds(1_772_431_200), ["whsec_example"]);
        Assert.Contains(header, manual);
    }

    [Fact]
    public async Task A_new_secret_signs_at_once_and_the_old_one_for_a_day_beside_it()
    {
        var clock = new FakeTimeProvider(Monday);
        await using var desk = await StartAsync(clock);
        await using var program = await Receiver.StartAsync();
        var (id, old) = await AddAsync(desk.AcmeAdministrator, program.Url);
        using var rotated = await desk.AcmeAdministrator.PostAsync($"/webhooks/{id}/secret");
        var secret = SecretText().Match(await rotated.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Value;
        Assert.NotEqual(old, secret);
        using (await desk.AcmeAdministrator.PostAsync($"/webhooks/{id}/ping")) { }
        await desk.DrainAsync();
        Assert.True(program.Calls[^1].IsSignedWith(secret) && program.Calls[^1].IsSignedWith(old));
        clock.Advance(TimeSpan.FromHours(25));
        using var administrator = await desk.House.SignInAsync(Role.CustomerAdministrator, desk.Acme, "second@acme.test");
        using (await administrator.PostAsync($"/webhooks/{id}/ping")) { }
        await desk.DrainAsync();
        Assert.True(program.Calls[^1].IsSignedWith(secret));
        Assert.False(program.Calls[^1].IsSignedWith(old));
    }

    [Fact]
    public async Task Nobody_sees_or_touches_a_hook_of_others()
    {
        await using var desk = await StartAsync();
        await using var program = await Receiver.StartAsync();
        var (id, _) = await AddAsync(desk.AcmeAdministrator, program.Url);
        await desk.OpenAsync(desk.AcmeUser);
        await desk.DrainAsync();
        foreach (var outsider in new[] { desk.Stranger, desk.Partner })
        {
            Assert.DoesNotContain(program.Url, await outsider.PageAsync("/webhooks"));
            foreach (var path in new[] { $"/webhooks/{id}", $"/webhooks/{id}/deliveries/1.json" })
            {
                using var shown = await outsider.GetAsync(path);
                Assert.Equal(HttpStatusCode.NotFound, shown.StatusCode);
            }
            foreach (var action in new[] { "", "/secret", "/on", "/off", "/remove", "/ping", "/replay", "/deliveries/1/replay" })
            {
                using var done = await outsider.PostAsync($"/webhooks/{id}{action}", Fields("https://example.org/", ["opened"]));
                Assert.Equal(HttpStatusCode.NotFound, done.StatusCode);
            }
        }
        using var user = await desk.AcmeUser.GetAsync("/webhooks");
        Assert.Equal(HttpStatusCode.Forbidden, user.StatusCode);
        Assert.Single(program.Calls);
    }

    [Fact]
    public async Task An_organisation_that_is_shut_out_hears_nothing()
    {
        await using var desk = await StartAsync();
        await using var program = await Receiver.StartAsync();
        await AddAsync(desk.Partner, program.Url);
        await desk.House.Db.WriteAsync(tx => tx.ExecuteAsync("update organisation set disabled = 1 where name = 'Partner House'"), TestContext.Current.CancellationToken);
        await desk.OpenAsync(desk.AcmeUser);
        await desk.DrainAsync();
        Assert.Empty(program.Calls);
    }

    private static async Task<TestHelpdesk> StartAsync(FakeTimeProvider? clock = null, string isPrivate = "everybody", Action<IServiceCollection>? replace = null)
    {
        var desk = await TestHelpdesk.StartAsync(clock, replace);
        await desk.SetAsync("webhook.private-targets", isPrivate);
        return desk;
    }

    private static async Task<(string Id, string Secret)> AddAsync(TestBrowser by, string url, string[]? events = null)
    {
        using var answer = await by.PostAsync("/webhooks/new", Fields(url, events ?? All[..7]));
        var html = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, html);
        return (Number().Match(html).Groups[1].Value, SecretText().Match(html).Value);
    }

    private static Dictionary<string, string> Fields(string url, IEnumerable<string> events)
        => new(events.Select(e => KeyValuePair.Create($"event-ticket.{e}", "1")).Append(new("url", url)));

    private sealed class Rebound : IHostAddresses
    {
        public Task<IPAddress[]> FindAsync(string host, CancellationToken ct) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.Parse("::ffff:10.0.0.1")]);
    }

    [GeneratedRegex("href=\"/webhooks/([0-9]+)\"")]
    private static partial Regex Number();

    [GeneratedRegex("whsec_[0-9A-Za-z]+")]
    private static partial Regex SecretText();
}
