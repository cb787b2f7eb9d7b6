using System.Net;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Drafts;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Drafts;

/// <summary>What is typed is kept, for its writer alone, until it is sent.</summary>
public sealed class DraftTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_typed_is_on_the_page_again_and_gone_once_it_is_sent()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (var kept = await KeepAsync(desk.Engineer, id, "Reply", "Half a thou\r\ngh", "WaitingForCustomer"))
            Assert.Equal((HttpStatusCode.SeeOther, $"/tickets/{id}#reply"), (kept.StatusCode, kept.Headers.Location!.ToString()));
        using (await KeepAsync(desk.Engineer, id, "Note", "Between us")) { }

        var page = WebUtility.HtmlDecode(await desk.Engineer.PageAsync($"/tickets/{id}"));
        Assert.Contains(">\nHalf a thou\ngh</textarea>", page, StringComparison.Ordinal);
        Assert.Contains("<option value=\"WaitingForCustomer\" selected>", page, StringComparison.Ordinal);
        Assert.Contains("Between us</textarea>", page, StringComparison.Ordinal);
        Assert.Contains("Discard the draft", page, StringComparison.Ordinal);

        using (await desk.ReplyAsync(desk.Engineer, id, "Half a thought")) { }
        page = await desk.Engineer.PageAsync($"/tickets/{id}");
        Assert.DoesNotContain("Half a thou\ngh</textarea>", page, StringComparison.Ordinal);
        Assert.Contains("Between us</textarea>", page, StringComparison.Ordinal);
        using (await desk.NoteAsync(desk.Engineer, id, "Between us, sent")) { }
        Assert.Equal(0, await desk.CountAsync("select count(*) from draft"));
    }

    [Fact]
    public async Task Nobody_else_reads_a_draft_and_nobody_keeps_one_where_he_may_not_write()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var colleague = await desk.House.SignInAsync(Role.SupportL2, desk.Vendor, "second@vendor.test");
        using (await KeepAsync(desk.Engineer, id, "Reply", "xylophone")) { }
        using (await KeepAsync(desk.Engineer, id, "Note", "xylophone")) { }
        foreach (var other in (TestBrowser[])[colleague, desk.AcmeUser, desk.AcmeAdministrator, desk.Partner])
            foreach (var path in (string[])[$"/tickets/{id}", "/tickets", $"/api/tickets/{id}", "/search?q=xylophone"])
            {
                var shown = await other.PageAsync(path);
                Assert.DoesNotContain("xylophone", shown.Replace("value=\"xylophone\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
            }

        using (var note = await KeepAsync(desk.AcmeUser, id, "Note", "mine")) Assert.Equal(HttpStatusCode.NotFound, note.StatusCode);
        using (var foreign = await KeepAsync(desk.Stranger, id, "Reply", "mine")) Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        using (var odd = await KeepAsync(desk.Engineer, id, "Song", "mine")) Assert.Equal(HttpStatusCode.NotFound, odd.StatusCode);
        using (var discarded = await desk.Stranger.PostAsync($"/tickets/{id}/drafts/Reply/discard")) Assert.Equal(HttpStatusCode.NotFound, discarded.StatusCode);
        using (var discarded = await colleague.PostAsync($"/tickets/{id}/drafts/Reply/discard")) Assert.Equal(HttpStatusCode.SeeOther, discarded.StatusCode);
        using (var tooLong = await KeepAsync(desk.Engineer, id, "Reply", new string('x', Limits.BodyCharsMax + 1))) Assert.Equal(HttpStatusCode.UnprocessableEntity, tooLong.StatusCode);
        Assert.Equal(2, await desk.CountAsync("select count(*) from draft where body = 'xylophone'"));
        using (await desk.Engineer.PostAsync($"/tickets/{id}/drafts/Note/discard")) { }
        Assert.Equal(1, await desk.CountAsync("select count(*) from draft"));
    }

    [Fact]
    public async Task A_save_that_arrives_behind_its_own_message_brings_nothing_back()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.Engineer, id, "Sent")) { }
        desk.Engineer.Http.DefaultRequestHeaders.Add("HX-Request", "true");
        using (var late = await KeepAsync(desk.Engineer, id, "Reply", "Sen", seen: 1)) Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Equal(0, await desk.CountAsync("select count(*) from draft"));
        using (var next = await KeepAsync(desk.Engineer, id, "Reply", "The next", seen: 2)) Assert.Equal(HttpStatusCode.NoContent, next.StatusCode);
        // Nothing left of it is no draft.
        using (await KeepAsync(desk.Engineer, id, "Reply", "  ", seen: 2)) { }
        Assert.Equal(0, await desk.CountAsync("select count(*) from draft"));
    }

    [Fact]
    public async Task A_reply_that_was_stale_is_still_a_draft()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await KeepAsync(desk.Engineer, id, "Reply", "My answer", seen: 1)) { }
        using (await desk.ReplyAsync(desk.AcmeUser, id, "Wait")) { }
        using (var stale = await desk.ReplyAsync(desk.Engineer, id, "My answer", seen: 1)) Assert.Equal(HttpStatusCode.Conflict, stale.StatusCode);
        Assert.Contains("My answer</textarea>", await desk.Engineer.PageAsync($"/tickets/{id}"), StringComparison.Ordinal);
    }

    [Theory, BothEngines]
    public async Task Drafts_of_a_season_ago_are_forgotten(DbEngine engine)
    {
        await using var db = await TestDb.StartAsync(engine, typeof(HelpdeskModule).Assembly);
        var store = new DraftStore(db.Db);
        var now = Instant.FromUtc(2026, 6, 1, 12, 0);
        var me = CurrentPerson.Nobody("en", DateTimeZone.Utc) with { Id = new PersonId(7), Role = Role.SupportL1 };
        await db.Db.WriteAsync(tx => tx.ExecuteAsync("""
            insert into ticket (id, requester_name, requester_email, subject, kind, priority, state, level, assignee_name, product, product_version,
                fix_product, fix_version, seq, hash, opened_at, updated_at, response_state, resolution_state)
            select n.id, '', '', 'Mail', 'Question', 'P3', 'New', 'L1', '', '', '', '', '', 1, '', 0, 0, 'Running', 'Running'
            from (select 1 as id union all select 2) n
            """), Ct);
        Assert.Equal(DraftResult.Kept, await store.KeepAsync(new(1), DraftKind.Reply, "old", "", 0, me, now - Limits.DraftLifeMax - Duration.FromSeconds(1), Ct));
        Assert.Equal(DraftResult.Kept, await store.KeepAsync(new(2), DraftKind.Reply, "a", "", 0, me, now - Duration.FromSeconds(1), Ct));
        Assert.Equal(DraftResult.Kept, await store.KeepAsync(new(2), DraftKind.Reply, "new", "Resolved", 0, me, now, Ct));
        Assert.Empty(await store.OfAsync(new(1), me, Ct));
        Assert.Equal(new Draft(DraftKind.Reply, "new", "Resolved", now), Assert.Single(await store.OfAsync(new(2), me, Ct)));
        Assert.Empty(await store.OfAsync(new(2), me with { Id = new PersonId(8) }, Ct));
    }

    private static Task<HttpResponseMessage> KeepAsync(TestBrowser by, TicketId id, string kind, string body, string then = "", long seen = 1)
        => by.PostAsync($"/tickets/{id}/drafts/{kind}", new Dictionary<string, string> { ["body"] = body, ["then"] = then, ["seen"] = $"{seen}" });
}
