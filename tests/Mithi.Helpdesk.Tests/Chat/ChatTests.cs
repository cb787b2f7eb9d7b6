using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Helpdesk.Tests.Chat;

/// <summary>Two talk in a ticket: stored first, told at once, mailed only to who had left, and never a note in it.</summary>
public sealed class ChatTests
{
    private const string Runbook = "runbooks/full-disk";

    private static readonly DateTimeOffset TuesdayMorning = new(2026, 1, 6, 4, 30, 0, TimeSpan.Zero);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_line_of_staff_answers_and_each_side_reads_the_other()
    {
        var clock = new FakeTimeProvider(TuesdayMorning);
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (var asked = await SayAsync(desk.AcmeUser, id, "Are you there?\nIt is urgent.")) Assert.Equal(HttpStatusCode.SeeOther, asked.StatusCode);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket where response_state = 'Running'"));
        using (await SayAsync(desk.Engineer, id, "Yes. What do you see?")) { }
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket where response_state = 'Met' and state = 'Open'"));
        Assert.Equal(2, await desk.CountAsync("select count(*) from ticket_message where via = 'Chat'"));
        Assert.Contains("Are you there?", await desk.Engineer.PageAsync($"/tickets/{id}"), StringComparison.Ordinal);
        var theirs = await desk.AcmeUser.PageAsync($"/tickets/{id}/entries");
        Assert.Contains("What do you see?", theirs, StringComparison.Ordinal);
        Assert.DoesNotContain("A SupportL1", theirs, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_is_told_that_a_line_is_stored_and_the_feed_tells_the_other_side()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        var heard = desk.AcmeUser.FollowAsync($"/tickets/{id}/entries", $"/tickets/{id}/feed", new("Try it now"), TimeSpan.FromSeconds(60), Ct);
        using var content = new FormUrlEncodedContent(new Dictionary<string, string> { ["body"] = "Try it now", ["_forgery"] = await desk.Engineer.ForgeryAsync($"/tickets/{id}") });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/tickets/{id}/chat") { Content = content };
        request.Headers.Add("HX-Request", "true");
        using var answer = await desk.Engineer.Http.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Contains("Try it now", await heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_who_left_before_he_read_it_is_mailed_once_and_all_of_it()
    {
        var clock = new FakeTimeProvider(TuesdayMorning);
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var id = await desk.OpenAsync(desk.AcmeUser);
        var before = await desk.CountAsync("select count(*) from outgoing_mail");

        // He is there and reads it.
        using (await SayAsync(desk.Engineer, id, "Please look at the queue.")) { }
        using (var here = await HereAsync(desk.AcmeUser, id, seen: 99)) Assert.Contains("\"line\":", await here.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromMinutes(10));
        await desk.DrainAsync();
        Assert.Equal(before, await desk.CountAsync("select count(*) from outgoing_mail"));

        // He answers, and leaves before the last two lines.
        using (await SayAsync(desk.AcmeUser, id, "It is empty.")) { }
        using (await desk.NoteAsync(desk.Engineer, id, "xylophone")) { }
        using (await SayAsync(desk.Engineer, id, "Then it is solved.")) { }
        clock.Advance(TimeSpan.FromMinutes(3));
        await desk.DrainAsync();
        using (await SayAsync(desk.Engineer, id, "Good day.")) { }
        // An engineer who looks, and a page that had shown less, are not the customer's reading.
        using (await HereAsync(desk.Engineer, id, seen: 99)) { }
        using (await HereAsync(desk.AcmeUser, id, seen: 2)) { }
        clock.Advance(TimeSpan.FromMinutes(4));
        await desk.DrainAsync();
        Assert.Equal(before, await desk.CountAsync("select count(*) from outgoing_mail"));
        clock.Advance(TimeSpan.FromMinutes(2));
        for (var twice = 0; twice < 2; twice++) await desk.DrainAsync();
        var mails = await desk.House.Db.ReadAsync(tx => tx.QueryAsync<string>("select mail from outgoing_mail order by id"), Ct);
        Assert.Equal(before + 1, mails.Count);
        Assert.Contains("Support: Then it is solved.", mails[^1], StringComparison.Ordinal);
        Assert.Contains("Support: Good day.", mails[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("look at the queue", mails[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("xylophone", mails[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("A SupportL1", mails[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staff_reads_names_and_a_customer_that_the_support_is_there()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (var alone = await HereAsync(desk.Engineer, id)) Assert.Contains("\"line\":\"\"", await alone.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using (var customer = await HereAsync(desk.AcmeUser, id))
        {
            var line = await customer.Content.ReadAsStringAsync(Ct);
            Assert.Contains("Support is here.", line, StringComparison.Ordinal);
            Assert.DoesNotContain("SupportL1", line, StringComparison.Ordinal);
        }
        using (var staff = await HereAsync(desk.Engineer, id)) Assert.Contains("A CustomerUser", await staff.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        // Who reads the ticket without its chat is not there.
        using var second = await desk.House.SignInAsync(Role.SupportL2, desk.Vendor, "second@vendor.test");
        await second.PageAsync($"/tickets/{id}");
        using (await HereAsync(desk.Engineer, id, here: "")) { }
        using (var after = await HereAsync(desk.AcmeUser, id)) Assert.Contains("\"line\":\"\"", await after.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Contains("A CustomerUser", await desk.Engineer.PageAsync($"/tickets/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_that_were_handed_over_are_marked_by_the_customer_alone()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        Assert.Contains("The disk of a server is full", await desk.Engineer.PageAsync($"/tickets/{id}/runbooks"), StringComparison.Ordinal);
        Assert.Contains("df -h", await desk.Engineer.PageAsync($"/tickets/{id}/runbooks?name={Runbook}"), StringComparison.Ordinal);
        using (var dropped = await DropAsync(desk.Engineer, id, "1")) Assert.Equal(HttpStatusCode.SeeOther, dropped.StatusCode);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket where response_state = 'Met'"));

        var page = await desk.AcmeUser.PageAsync($"/tickets/{id}");
        Assert.Contains("df -h", page, StringComparison.Ordinal);
        Assert.DoesNotContain("A SupportL1", page, StringComparison.Ordinal);
        var action = Regex.Match(page, "action=\"(/tickets/[0-9]+/cards/[0-9]+)\"").Groups[1].Value;
        Assert.DoesNotContain(action, await desk.Engineer.PageAsync($"/tickets/{id}"), StringComparison.Ordinal);
        foreach (var (who, mark, status) in new[]
        {
            (desk.Engineer, "done", HttpStatusCode.NotFound), (desk.Stranger, "done", HttpStatusCode.NotFound), (desk.AcmeColleague, "done", HttpStatusCode.NotFound),
            (desk.AcmeUser, "perhaps", HttpStatusCode.BadRequest), (desk.AcmeUser, "failed", HttpStatusCode.SeeOther), (desk.AcmeUser, "done", HttpStatusCode.SeeOther),
            (desk.AcmeUser, "done", HttpStatusCode.SeeOther),
        })
        {
            using var marked = await who.PostAsync(action, new Dictionary<string, string> { ["mark"] = mark });
            Assert.Equal(status, marked.StatusCode);
        }
        Assert.Equal(2, await desk.CountAsync("select count(*) from ticket_event where kind = 'card-marked'"));
        var shown = await desk.Engineer.PageAsync($"/tickets/{id}");
        Assert.Contains("Step 1: failed", shown, StringComparison.Ordinal);
        Assert.Contains("class=\"badge good\" data-mark>done", shown, StringComparison.Ordinal);
        // A step that failed asks again.
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket where next_response_state = 'Running'"));
        // What is no card can't be marked.
        foreach (var other in (string[])[$"/tickets/{id}/cards/1", $"/tickets/{id}/cards/999", $"/tickets/{id}/cards/0"])
        {
            using var marked = await desk.AcmeUser.PostAsync(other, new Dictionary<string, string> { ["mark"] = "done" });
            Assert.Equal(HttpStatusCode.NotFound, marked.StatusCode);
        }
        var before = await DumpAsync(desk);
        await desk.House.Get<TicketLog>().RebuildAsync(new Progress<(long, long)>(), Ct);
        Assert.Equal(before, await DumpAsync(desk));
    }

    [Fact]
    public async Task Other_customers_and_readers_without_the_right_take_no_part()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var release = await desk.House.SignInAsync(Role.ReleaseEngineer, desk.Vendor, "release@vendor.test");
        foreach (var (who, status) in new[] { (desk.Stranger, HttpStatusCode.NotFound), (desk.AcmeColleague, HttpStatusCode.NotFound), (release, HttpStatusCode.Forbidden) })
        {
            using var said = await SayAsync(who, id, "mine");
            Assert.Equal(status, said.StatusCode);
            using var here = await HereAsync(who, id);
            Assert.Equal(status, here.StatusCode);
        }
        foreach (var outside in (TestBrowser[])[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner, desk.Stranger, release])
        {
            using var list = await outside.GetAsync($"/tickets/{id}/runbooks?name={Runbook}");
            Assert.Equal(HttpStatusCode.Forbidden, list.StatusCode);
            using var dropped = await DropAsync(outside, id, "1");
            Assert.Equal(HttpStatusCode.Forbidden, dropped.StatusCode);
        }
        Assert.Equal(1, (await desk.TicketAsync(id)).Seq);
    }

    [Theory]
    [InlineData("", HttpStatusCode.UnprocessableEntity)]
    [InlineData("99", HttpStatusCode.UnprocessableEntity)]
    [InlineData("-1", HttpStatusCode.UnprocessableEntity)]
    [InlineData("one", HttpStatusCode.UnprocessableEntity)]
    public async Task A_step_that_is_not_there_is_not_handed_over(string step, HttpStatusCode status)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (var dropped = await DropAsync(desk.Engineer, id, step)) Assert.Equal(status, dropped.StatusCode);
        foreach (var name in (string[])["", "tickets", "runbooks/../tickets", "runbooks/none", "RUNBOOKS/full-disk"])
        {
            using var dropped = await DropAsync(desk.Engineer, id, "1", name);
            Assert.Equal(HttpStatusCode.NotFound, dropped.StatusCode);
        }
        Assert.Equal(1, (await desk.TicketAsync(id)).Seq);
    }

    [Fact]
    public async Task A_line_that_is_empty_or_endless_is_refused_and_one_with_tags_is_text()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        foreach (var wrong in (string[])["", " \n ", new('x', 4_001)])
        {
            using var refused = await SayAsync(desk.AcmeUser, id, wrong);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        }
        using (await SayAsync(desk.AcmeUser, id, "<script>alert(1)</script>")) { }
        Assert.DoesNotContain("<script>alert", await desk.Engineer.PageAsync($"/tickets/{id}"), StringComparison.Ordinal);
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_message where via = 'Chat'"));
    }

    private static Task<HttpResponseMessage> SayAsync(TestBrowser who, TicketId id, string body)
        => who.PostAsync($"/tickets/{id}/chat", new Dictionary<string, string> { ["body"] = body });

    private static Task<HttpResponseMessage> HereAsync(TestBrowser who, TicketId id, long seen = 0, string here = "1")
        => who.PostAsync($"/tickets/{id}/chat/here", new Dictionary<string, string> { ["here"] = here, ["seen"] = $"{seen}" });

    private static Task<HttpResponseMessage> DropAsync(TestBrowser who, TicketId id, string step, string name = Runbook)
        => who.PostAsync($"/tickets/{id}/runbooks", new Dictionary<string, string> { ["name"] = name, ["step"] = step });

    private static async Task<string> DumpAsync(TestHelpdesk desk) => string.Join('\n', await desk.House.Db.ReadAsync(tx => tx.QueryAsync<string>(
        "select state || response_state || next_response_state || seq || updated_at || public_updated_at from ticket"), Ct));
}
