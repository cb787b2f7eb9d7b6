using System.Net;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Sla;

/// <summary>What is agreed on a customer's page is what his tickets count by.</summary>
public sealed class AgreementTests
{
    private static readonly DateTimeZone India = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];

    // A Monday.
    private readonly FakeTimeProvider clock = new(At(2, 9).ToDateTimeOffset());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_changed_agreement_moves_the_due_time_of_open_tickets_and_keeps_what_was_used()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        var id = await desk.OpenAsync(desk.AcmeUser);
        var strange = await desk.OpenAsync(desk.Stranger);
        Assert.Equal(At(2, 17), await DueAsync(desk, id));   // the standard promise: 8 h

        clock.Advance(TimeSpan.FromHours(1));
        var path = await AgreeAsync(desk, admin, Agreement("Gold", "24x7", "2099-12-31", response: "120"));
        Assert.Equal(At(2, 11), await DueAsync(desk, id));   // 2 h, of which one is used
        Assert.Equal(At(2, 17), await DueAsync(desk, strange));
        Assert.Contains("24x7", await desk.Engineer.PageAsync($"/tickets/{id}"));

        var longer = Agreement("Gold", "24x7", "2099-12-31", response: "300");
        longer["revision"] = "1";
        await AgreeAsync(desk, admin, longer, path);
        Assert.Equal(At(2, 14), await DueAsync(desk, id));

        using (var removed = await admin.PostAsync($"{path}/remove")) Assert.Equal(HttpStatusCode.SeeOther, removed.StatusCode);
        await desk.DrainAsync();
        Assert.Equal(At(2, 17), await DueAsync(desk, id));
    }

    [Fact]
    public async Task A_retroactive_change_counts_the_time_before_it_by_the_new_calendar()
    {
        clock.Advance(TimeSpan.FromHours(13));   // 22:00: the standard calendar is closed, and stays so until eight
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        var id = await desk.OpenAsync(desk.AcmeUser);
        clock.Advance(TimeSpan.FromHours(4));
        var path = await AgreeAsync(desk, admin, Agreement("Gold", "24x7", "2099-12-31", response: "360"));
        Assert.Equal(At(3, 8), await DueAsync(desk, id));   // the night before the agreement does not count
        Assert.DoesNotContain("checked", Box(await admin.PageAsync(path)), StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromHours(1));
        var back = Agreement("Gold", "24x7", "2099-12-31", response: "360");
        (back["revision"], back["retroactive"]) = ("1", "1");
        await AgreeAsync(desk, admin, back, path);
        Assert.Equal(At(3, 4), await DueAsync(desk, id));   // six hours from 22:00
        Assert.Contains("checked", Box(await admin.PageAsync(path)), StringComparison.Ordinal);

        static string Box(string page) => System.Text.RegularExpressions.Regex.Match(page, "<input[^>]*name=\"retroactive\"[^>]*>").Value;
    }

    [Fact]
    public async Task After_its_last_day_the_standard_promise_holds()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        await AgreeAsync(desk, admin, Agreement("Gold", "24x7", "2026-03-02", response: "120"));
        clock.Advance(TimeSpan.FromHours(14));   // 23:00, an hour before its end
        using var user = await desk.House.SignInAsync(Role.CustomerUser, desk.Acme, "late@acme.test");
        var late = await desk.OpenAsync(user);
        // One hour is used when it ends; the other seven of the standard promise's eight begin in the morning.
        Assert.Equal(At(3, 15), await DueAsync(desk, late));
        clock.Advance(TimeSpan.FromHours(11));
        using var next = await desk.House.SignInAsync(Role.CustomerUser, desk.Acme, "early@acme.test");
        Assert.Equal(At(3, 18), await DueAsync(desk, await desk.OpenAsync(next)));
    }

    [Fact]
    public async Task A_hotline_counts_P1_round_the_clock_and_what_is_not_agreed_is_standard()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        var agreed = Agreement("Hotline", "12x6", "2099-12-31", response: "60");
        (agreed["hotline"], agreed["P1-response"], agreed["P1-resolution"]) = ("1", "60", "480");
        await AgreeAsync(desk, admin, agreed);
        clock.Advance(TimeSpan.FromHours(13));   // 22:00
        using var user = await desk.House.SignInAsync(Role.CustomerUser, desk.Acme, "late@acme.test");
        Assert.Equal(At(2, 23), await DueAsync(desk, await desk.OpenAsync(user, priority: "P1")));
        Assert.Equal(At(3, 9), await DueAsync(desk, await desk.OpenAsync(user, priority: "P3")));
        Assert.Equal(At(3, 12), await DueAsync(desk, await desk.OpenAsync(user, priority: "P2")));   // 4 h, as for everybody
    }

    [Fact]
    public async Task The_next_response_is_promised_where_it_was_agreed_and_nowhere_else()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        var agreed = Agreement("Gold", "24x7", "2099-12-31", response: "60");
        agreed["P3-next"] = "90";
        var path = await AgreeAsync(desk, admin, agreed);
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.Engineer, id, "Which version?")) { }
        using (await desk.ReplyAsync(desk.AcmeUser, id, "The newest one.")) { }
        Assert.Equal(At(2, 9) + Duration.FromMinutes(90), await DueAsync(desk, id, "next_response_due"));
        Assert.Equal(At(2, 9) + Duration.FromMinutes(90), await DueAsync(desk, id, "next_due"));
        Assert.Contains("Next response", await desk.Engineer.PageAsync($"/tickets/{id}"));
        (agreed["P3-next"], agreed["revision"]) = ("", "1");
        clock.Advance(TimeSpan.FromMinutes(1));
        await AgreeAsync(desk, admin, agreed, path);
        Assert.Null(await DueAsync(desk, id, "next_response_due"));
        Assert.DoesNotContain("Next response", await desk.Engineer.PageAsync($"/tickets/{id}"));
        agreed["P3-next"] = "soon";
        using var refused = await admin.PostAsync(path, agreed);
        Assert.Contains("id=\"P3-next-error\"", await refused.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task A_calendar_that_the_helpdesk_does_not_have_can_not_be_agreed()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        using var refused = await admin.PostAsync($"/customers/{desk.Acme}/subscriptions/new", Agreement("Gold", "7x3", "2099-12-31", "60"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("id=\"calendar-error\"", await refused.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task Hearing_it_twice_or_late_is_as_hearing_it_once_and_in_order()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var id = await desk.OpenAsync(desk.AcmeUser);
        var handler = ((IEnumerable<IOutboxHandler>)desk.House.Services.GetService(typeof(IEnumerable<IOutboxHandler>))!).OfType<AgreementHandler>().Single();
        await TellAsync(At(2, 9).Plus(Duration.FromMinutes(2)), 240, "second");
        await TellAsync(At(2, 9).Plus(Duration.FromMinutes(1)), 120, "first");
        await TellAsync(At(2, 9).Plus(Duration.FromMinutes(2)), 240, "second");
        Assert.Equal(At(2, 13), await DueAsync(desk, id));
        Assert.Equal(2, await desk.CountAsync("select count(*) from contract where organisation_id <> 0"));

        Task TellAsync(Instant at, int minutes, string key) => handler.HandleAsync(new(AgreementsChanged.Topic,
            System.Text.Json.JsonSerializer.SerializeToElement(new AgreementsChanged(desk.Acme, at,
                [new("Gold", "24x7", false, At(31, 0), [new("P3", minutes, 4_800)])]), JobJson.Options), key, 1), Ct);
    }

    private static Instant At(int day, int hour) => India.AtStrictly(new LocalDateTime(2026, 3, day, hour, 0)).ToInstant();

    private static async Task<Instant?> DueAsync(TestHelpdesk desk, TicketId id, string which = "response_due")
        => await desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<long?>($"select {which} from ticket where id = @id", new { id }), Ct) is { } due
            ? Instant.FromUnixTimeMilliseconds(due) : null;

    private static Dictionary<string, string> Agreement(string plan, string calendar, string until, string response) => new()
    {
        ["plan"] = plan, ["calendar"] = calendar, ["until"] = until, ["zone"] = "Asia/Kolkata", ["revision"] = "0",
        ["P3-response"] = response, ["P3-resolution"] = "4800",
    };

    /// <summary>Saves it on the customer's page; answers the path of the subscription.</summary>
    private static async Task<string> AgreeAsync(TestHelpdesk desk, TestBrowser admin, Dictionary<string, string> fields, string? path = null)
    {
        using var saved = await admin.PostAsync(path ?? $"/customers/{desk.Acme}/subscriptions/new", fields);
        Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
        await desk.DrainAsync();
        var id = await desk.CountAsync("select max(id) from customer_subscription");
        return $"/customers/{desk.Acme}/subscriptions/{id}";
    }
}
