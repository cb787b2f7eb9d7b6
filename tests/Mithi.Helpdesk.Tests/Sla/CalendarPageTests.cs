using System.Net;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Sla;

/// <summary>Supervisors see and change calendars and the standard promises; what is over stays as it was.</summary>
public sealed class CalendarPageTests
{
    private static readonly DateTimeZone India = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];

    // A Monday.
    private readonly FakeTimeProvider clock = new(At(2, 9).ToDateTimeOffset());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_edited_calendar_moves_what_runs_and_leaves_what_is_over()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        var (running, done) = (await desk.OpenAsync(desk.AcmeUser), await desk.OpenAsync(desk.AcmeUser));
        clock.Advance(TimeSpan.FromHours(1));
        using (await desk.ReplyAsync(desk.Engineer, done, "Done.", then: "Resolved")) { }
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.SeeOther, await SaveAsync(admin, Form(("exceptions", "2026-03-02 closed 12:00-24:00"))));
        await desk.DrainAsync();
        Assert.Equal(At(3, 13), await DueAsync(desk, running));   // three hours today, five tomorrow
        Assert.Equal(At(2, 17), await DueAsync(desk, done));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket where response_state = 'Met'"));
        var page = await admin.PageAsync("/helpdesk/calendars/2");
        Assert.Contains("2026-03-02 closed 12:00-24:00", page);
        Assert.Contains("08:00–12:00", page);
        Assert.Contains("Standard promises", page);
        // And back by a third version: the second ruled for no time at all.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await SaveAsync(admin, Form()));   // made from the first
        Assert.Equal(HttpStatusCode.SeeOther, await SaveAsync(admin, Form(("version", "2"))));
        await desk.DrainAsync();
        Assert.Equal(At(2, 17), await DueAsync(desk, running));
    }

    [Fact]
    public async Task What_holds_from_later_on_counts_from_then_and_a_newer_version_takes_its_place()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        var id = await desk.OpenAsync(desk.AcmeUser);
        Assert.Equal(HttpStatusCode.SeeOther, await SaveAsync(admin, Form(("day1", "08:00-12:00"), ("from", "2026-03-02T15:00"))));
        await desk.DrainAsync();
        Assert.Equal(At(3, 10), await DueAsync(desk, id));   // six hours until 15:00, when it closes
        Assert.Equal(HttpStatusCode.SeeOther, await SaveAsync(admin, Form(("version", "2"), ("from", "2026-03-02T12:00"))));
        await desk.DrainAsync();
        Assert.Equal(At(2, 17), await DueAsync(desk, id));
    }

    [Fact]
    public async Task The_preview_and_the_question_what_would_change_save_nothing()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var (kept, broken) = (await desk.OpenAsync(desk.AcmeUser, "In time"), await desk.OpenAsync(desk.AcmeUser, "Too late"));
        clock.SetUtcNow(At(2, 16).ToDateTimeOffset());
        using (await desk.ReplyAsync(desk.Engineer, kept, "Done.", then: "Resolved")) { }
        clock.SetUtcNow(At(2, 18).ToDateTimeOffset());
        using var late = await desk.House.SignInAsync(Role.SupportL1, desk.Vendor, "late@vendor.test");
        using (await desk.ReplyAsync(late, broken, "Done.", then: "Resolved")) { }
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);

        using var preview = await admin.PostAsync("/helpdesk/calendars/2", Form(("do", "preview"), ("day1", "10:00-11:00, 22:00-26:00")));
        var text = await preview.Content.ReadAsStringAsync(Ct);
        Assert.Contains("10:00–11:00, 22:00–24:00", text);
        Assert.Contains("00:00–02:00, 08:00–20:00", text);

        // A holiday that was forgotten: nobody would have been late.
        using var holiday = await admin.PostAsync("/helpdesk/calendars/2", Form(("do", "what-if"), ("exceptions", "2026-03-02 closed"), ("since", "2026-03-01")));
        Assert.Contains("Of 2 tickets: 0 promises more would be overdue, 1 fewer, and 4 due times would be others.", await holiday.Content.ReadAsStringAsync(Ct));
        // Open since midnight by a promise of an hour: both would have been.
        var hour = Promises();
        foreach (var priority in Enum.GetValues<Priority>()) hour[$"{priority}-FirstResponse-minutes"] = "60";
        (hour["do"], hour["since"]) = ("what-if", "2026-03-01");
        using var shorter = await admin.PostAsync("/helpdesk/promises", hour);
        var answer = await shorter.Content.ReadAsStringAsync(Ct);
        Assert.Contains("Of 2 tickets: 1 promises more would be overdue, 0 fewer, and 2 due times would be others.", answer);
        Assert.Contains("In time", answer);
        Assert.Equal(2, await desk.CountAsync("select count(*) from calendar_version"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from contract"));
    }

    [Fact]
    public async Task Changed_standard_promises_hold_from_then_on_for_those_who_agreed_nothing_else()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        var id = await desk.OpenAsync(desk.AcmeUser);
        var form = Promises();
        (form["P3-FirstResponse-minutes"], form["P3-FirstResponse-calendar"], form["P3-NextResponse-minutes"]) = ("120", "1", "");
        using (var saved = await admin.PostAsync("/helpdesk/promises", form)) Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
        await desk.DrainAsync();
        Assert.Equal(At(2, 11), await DueAsync(desk, id));
        using (var stale = await admin.PostAsync("/helpdesk/promises", form)) Assert.Equal(HttpStatusCode.UnprocessableEntity, stale.StatusCode);
        Assert.Contains("P3 FirstResponse: 120 min, 24x7", await admin.PageAsync("/helpdesk/promises"));
        (form["version"], form["P1-Resolution-minutes"]) = ("2", "0");
        using var refused = await admin.PostAsync("/helpdesk/promises", form);
        Assert.Contains("id=\"P1-Resolution-minutes-error\"", await refused.Content.ReadAsStringAsync(Ct));
    }

    [Theory]
    [InlineData("zone", "Mars/Olympus", "zone")]
    [InlineData("day1", "8-20", "day1")]
    [InlineData("day2", "20:00-08:00", "day2")]
    [InlineData("day7", "08:00-49:00", "day7")]
    [InlineData("exceptions", "2026-02-30 closed", "exceptions")]
    [InlineData("exceptions", "2026-02-28", "exceptions")]
    [InlineData("exceptions", "2026-02-28 open", "exceptions")]
    [InlineData("exceptions", "2026-02-28 shut", "exceptions")]
    [InlineData("exceptions", "2026-02-28 closed\n2026-02-28 open 10:00-11:00", "exceptions")]
    [InlineData("from", "2026-03-01T08:00", "from")]
    [InlineData("from", "tomorrow", "from")]
    public async Task A_mistake_is_shown_beside_its_field_and_nothing_is_saved(string field, string value, string beside)
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        using var refused = await admin.PostAsync("/helpdesk/calendars/2", Form((field, value)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains($"id=\"{beside}-error\"", await refused.Content.ReadAsStringAsync(Ct));
        Assert.Equal(2, await desk.CountAsync("select count(*) from calendar_version"));
    }

    [Fact]
    public async Task A_calendar_that_never_opens_is_refused_and_one_that_no_longer_does_is_cried_out()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        var never = Form();
        for (var day = 1; day <= 7; day++) never[$"day{day}"] = "";
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await SaveAsync(admin, never));
        never["exceptions"] = "2026-03-03 open 10:00-11:00";
        Assert.Equal(HttpStatusCode.SeeOther, await SaveAsync(admin, never));
        var check = new CalendarCheck(desk.House.Get<ContractStore>(), clock);
        Assert.Null(await check.LookAsync(Ct));
        clock.Advance(TimeSpan.FromDays(3));
        Assert.Equal("12x6", Assert.Single((await check.LookAsync(Ct))!.Values));
        using var later = await desk.House.SignInAsync(Role.Administrator, desk.Vendor, "later@vendor.test");
        Assert.Contains("12x6 has no open minute in 400 days", await later.PageAsync("/helpdesk/calendars"));
    }

    [Fact]
    public async Task A_new_calendar_begins_as_another_and_can_be_agreed()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        var form = new Dictionary<string, string> { ["name"] = "Chennai", ["like"] = "2" };
        using (var made = await admin.PostAsync("/helpdesk/calendars", form)) Assert.Equal("/helpdesk/calendars/3", made.Headers.Location!.ToString());
        using (var again = await admin.PostAsync("/helpdesk/calendars", form)) Assert.Equal(HttpStatusCode.UnprocessableEntity, again.StatusCode);
        Assert.Contains("Chennai", await admin.PageAsync($"/customers/{desk.Acme}/subscriptions/new"));
    }

    [Fact]
    public async Task Only_who_manages_the_helpdesk_sees_or_changes_them()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        foreach (var other in new[] { desk.Engineer, desk.AcmeAdministrator, desk.AcmeUser, desk.Partner })
        {
            foreach (var path in new[] { "/helpdesk/calendars", "/helpdesk/calendars/2", "/helpdesk/promises" })
            {
                using var hidden = await other.GetAsync(path);
                Assert.Equal(HttpStatusCode.Forbidden, hidden.StatusCode);
            }
            using var refused = await other.PostAsync("/helpdesk/calendars/2", Form());
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        Assert.Equal(2, await desk.CountAsync("select count(*) from calendar_version"));
    }

    private static Dictionary<string, string> Form(params (string Field, string Value)[] other)
    {
        var form = new Dictionary<string, string> { ["do"] = "", ["version"] = "1", ["zone"] = "Asia/Kolkata", ["exceptions"] = "", ["from"] = "", ["since"] = "2026-01-01" };
        for (var day = 1; day <= 7; day++) form[$"day{day}"] = day == 7 ? "" : "08:00-20:00";
        foreach (var (field, value) in other) form[field] = value;
        return form;
    }

    private static Dictionary<string, string> Promises()
    {
        var form = new Dictionary<string, string> { ["do"] = "", ["version"] = "1", ["from"] = "", ["since"] = "2026-01-01" };
        foreach (var priority in Enum.GetValues<Priority>())
            foreach (var kind in Enum.GetValues<ClockKind>())
                (form[$"{priority}-{kind}-minutes"], form[$"{priority}-{kind}-calendar"]) = (kind == ClockKind.Resolution ? "3600" : "480", "2");
        return form;
    }

    private static async Task<HttpStatusCode> SaveAsync(TestBrowser by, Dictionary<string, string> form)
    {
        using var answer = await by.PostAsync("/helpdesk/calendars/2", form);
        return answer.StatusCode;
    }

    private static Task<Instant> DueAsync(TestHelpdesk desk, TicketId id)
        => desk.House.Db.ReadAsync(tx => tx.QuerySingleAsync<Instant>("select response_due from ticket where id = @id", new { id }), Ct);

    private static Instant At(int day, int hour) => India.AtStrictly(new LocalDateTime(2026, 3, day, hour, 0)).ToInstant();
}
