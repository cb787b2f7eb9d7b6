using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Sla;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Sla;

/// <summary>Staff is warned before a promise ends, and hears when it has ended: each once, and no customer ever.</summary>
public sealed class PromiseTests
{
    private static readonly DateTimeZone India = DateTimeZoneProviders.Tzdb["Asia/Kolkata"];

    // A Monday. A P3 is to be answered within 8 hours of a day that ends at 20:00.
    private readonly FakeTimeProvider clock = new(At(2, 15).ToDateTimeOffset());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_point_of_warning_is_noted_once_and_never_at_night()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        await desk.SetAsync("helpdesk.warn-percent", "60 80");
        await desk.SetAsync("helpdesk.warn-minutes", "");
        var id = await desk.OpenAsync(desk.AcmeUser);
        await RunAsync(desk);
        Assert.Equal(0, await NotedAsync(desk, id, "promise-warned"));
        clock.SetUtcNow(At(2, 19.9).ToDateTimeOffset());   // 60 % at 19:48
        await RunAsync(desk);
        await RunAsync(desk);
        Assert.Equal(1, await NotedAsync(desk, id, "promise-warned"));
        clock.SetUtcNow(At(3, 3).ToDateTimeOffset());
        await RunAsync(desk);
        Assert.Equal(1, await NotedAsync(desk, id, "promise-warned"));
        clock.SetUtcNow(At(3, 9.5).ToDateTimeOffset());   // 80 % at 09:24
        await RunAsync(desk);
        await RunAsync(desk);
        Assert.Equal(2, await NotedAsync(desk, id, "promise-warned"));
        Assert.Equal(0, await NotedAsync(desk, id, "promise-broken"));
    }

    [Fact]
    public async Task A_point_that_passed_while_the_node_was_off_is_told_in_the_next_open_hour()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        await desk.SetAsync("helpdesk.warn-percent", "50");
        await desk.SetAsync("helpdesk.warn-minutes", "");
        var id = await desk.OpenAsync(desk.AcmeUser);
        clock.SetUtcNow(At(2, 22).ToDateTimeOffset());   // 50 % was at 19:00
        await RunAsync(desk);
        Assert.Equal(0, await NotedAsync(desk, id, "promise-warned"));
        clock.SetUtcNow(At(3, 8.01).ToDateTimeOffset());
        await RunAsync(desk);
        Assert.Equal(1, await NotedAsync(desk, id, "promise-warned"));
    }

    [Fact]
    public async Task A_broken_promise_is_noted_once_and_told_to_the_level_but_not_to_the_customer()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        await desk.SetAsync("helpdesk.warn-percent", "");
        await desk.SetAsync("helpdesk.warn-minutes", "");
        await desk.SetAsync("helpdesk.warn-mail", "level");
        var id = await desk.OpenAsync(desk.AcmeUser);
        var seen = (await desk.TicketAsync(id)).UpdatedAt;
        await desk.DrainAsync();
        var mails = await desk.CountAsync("select count(*) from outgoing_mail");
        clock.SetUtcNow(At(3, 11.1).ToDateTimeOffset());   // due at 11:00
        await RunAsync(desk);
        await RunAsync(desk);
        Assert.Equal(1, await NotedAsync(desk, id, "promise-broken"));
        Assert.Equal(seen, (await desk.TicketAsync(id)).UpdatedAt);   // no news for the top of the list
        Assert.Equal(mails + 1, await desk.CountAsync("select count(*) from outgoing_mail"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%engineer@vendor.test%' and mail like '%Overdue%'"));
        using var engineer = await desk.House.SignInAsync(Role.SupportL2, desk.Vendor, "second@vendor.test");
        using var customer = await desk.House.SignInAsync(Role.CustomerAdministrator, desk.Acme, "second@acme.test");
        Assert.Contains("was promised by", await engineer.PageAsync($"/tickets/{id}"));
        Assert.DoesNotContain("was promised by", await customer.PageAsync($"/tickets/{id}"));
    }

    [Fact]
    public async Task Waiting_for_consent_is_a_click_of_staff_and_seen_by_the_customer()
    {
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var id = await desk.OpenAsync(desk.AcmeUser);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, await ConsentAsync(desk.AcmeUser, id, "wait"));
        Assert.Equal(System.Net.HttpStatusCode.SeeOther, await ConsentAsync(desk.Engineer, id, "wait"));
        Assert.Equal(System.Net.HttpStatusCode.SeeOther, await ConsentAsync(desk.Engineer, id, "wait"));
        Assert.Equal(1, await NotedAsync(desk, id, "consent"));
        Assert.Contains("Waiting for consent to remote access", await desk.AcmeUser.PageAsync($"/tickets/{id}"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket where resolution_state = 'Paused' and resolution_due is null"));
        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, await ConsentAsync(desk.Engineer, id, "maybe"));
        Assert.Equal(System.Net.HttpStatusCode.SeeOther, await ConsentAsync(desk.Engineer, id, "go"));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket where resolution_state = 'Running'"));
    }

    private static async Task<System.Net.HttpStatusCode> ConsentAsync(TestBrowser by, TicketId id, string what)
    {
        using var answer = await by.PostAsync($"/tickets/{id}/consent", new Dictionary<string, string> { ["consent"] = what });
        return answer.StatusCode;
    }

    private static async Task RunAsync(TestHelpdesk desk)
        => await desk.House.Get<IEnumerable<Mithi.Kernel.Jobs.IRecurringJob>>().OfType<PromiseJob>().Single().RunAsync(Ct);

    private static Task<long> NotedAsync(TestHelpdesk desk, TicketId id, string kind)
        => desk.CountAsync("select count(*) from ticket_event where ticket_id = @id and kind = @kind and (detail like '%FirstResponse%' or kind = 'consent')", new { id, kind });

    private static Instant At(int day, double hour) => India.AtStrictly(new LocalDateTime(2026, 3, day, 0, 0)).ToInstant() + Duration.FromHours(hour);
}
