using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Joins;
using Mithi.Helpdesk.Tests.Tickets;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Joins;

public sealed class JoinTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_merged_tickets_texts_stand_in_the_survivor_in_the_order_of_time_and_undo_brings_back_both()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        var first = await desk.OpenAsync(desk.AcmeUser, "One", "one at 0");
        clock.Advance(TimeSpan.FromMinutes(1));
        var second = await desk.OpenAsync(desk.AcmeColleague, "Two", "two at 1");
        clock.Advance(TimeSpan.FromMinutes(1));
        using (await desk.NoteAsync(desk.Engineer, first, "note at 2")) { }
        clock.Advance(TimeSpan.FromMinutes(1));
        using (await desk.ReplyAsync(desk.Engineer, second, "answer at 3", then: "WaitingForCustomer")) { }
        clock.Advance(TimeSpan.FromMinutes(1));
        var (firstBefore, secondBefore) = (await JsonAsync(engineer, first), await JsonAsync(engineer, second));

        await DoAsync(engineer, first, "merge", new { into = second.Value });
        Assert.Equal(["one at 0", "two at 1", "note at 2", "answer at 3"], await BodiesAsync(engineer, second));
        Assert.Equal(["one at 0", "two at 1", "answer at 3"], await BodiesAsync(await TicketApiTests.TokenAsync(desk, "admin@acme.test"), second));
        Assert.Equal(2, await desk.CountAsync("select count(*) from ticket_participant where ticket_id = @second", new { second }));
        var merged = await desk.TicketAsync(first);
        Assert.Equal((TicketState.Merged, second), (merged.State, merged.MergedIntoId));
        Assert.Contains($"It goes on in #{second}.", await desk.AcmeAdministrator.PageAsync($"/tickets/{first}"));
        Assert.DoesNotContain("It goes on in", await desk.AcmeUser.PageAsync($"/tickets/{first}"));
        await SameAfterRebuildAsync(desk);

        await DoAsync(engineer, second, "undo", new { seq = await SeqAsync(desk, second, "merged-from") });
        Assert.Equal(firstBefore, await JsonAsync(engineer, first));
        Assert.Equal(secondBefore, await JsonAsync(engineer, second));
        Assert.Equal(["two at 1", "answer at 3"], await BodiesAsync(engineer, second));
        Assert.Equal(1, await desk.CountAsync("select count(*) from ticket_participant where ticket_id = @second", new { second }));
        Assert.Equal(1, await desk.CountAsync("select count(*) from search_document where kind = 'ticket-note'"));
        Assert.DoesNotContain("one at 0", await desk.AcmeColleague.PageAsync($"/tickets/{second}"));
        await SameAfterRebuildAsync(desk);
        Assert.True((await desk.House.Get<TicketLog>().VerifyAsync(Ct)).Intact);
    }

    [Fact]
    public async Task Two_customers_tickets_are_merged_only_when_staff_confirms_and_neither_reads_the_others_words()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        var acme = await desk.OpenAsync(desk.AcmeUser, "Acme's", "the word is xylophone");
        var other = await desk.OpenAsync(desk.Stranger, "Other's", "the word is marimba");
        await RefusedAsync(engineer, acme, "merge", new { into = other.Value }, "different customers");
        await DoAsync(engineer, acme, "merge", new { into = other.Value, confirm = true });

        Assert.Contains("xylophone", await desk.Engineer.PageAsync($"/tickets/{other}"));
        foreach (var path in (string[])[$"/tickets/{other}", $"/tickets/{other}/entries", $"/api/tickets/{other}", "/tickets?show=all", $"/tickets/{other}/entries?after=1"])
        {
            var page = await desk.Stranger.PageAsync(path);
            Assert.DoesNotContain("xylophone", page);
            Assert.DoesNotContain("Acme", page);
        }
        Assert.DoesNotContain("marimba", await desk.AcmeUser.PageAsync($"/tickets/{acme}"));
        Assert.DoesNotContain($"#{other}", await desk.AcmeUser.PageAsync($"/tickets/{acme}"));
        using (await desk.ReplyAsync(desk.Engineer, other, "An answer.")) { }
        await desk.DrainAsync();
        Assert.Equal(0, await desk.CountAsync("select count(*) from outgoing_mail where mail like '%An answer%' and mail like '%acme.test%'"));
        var hits = await desk.House.Get<Kernel.Search.SearchIndex>().FindAsync(Kernel.Search.SearchQuery.Parse("xylophone"),
            new CurrentPerson { Id = new(1), Organisation = (await desk.TicketAsync(other)).OrganisationId, Role = Role.CustomerAdministrator, Zone = DateTimeZone.Utc }, null, 0, Ct);
        Assert.Equal(0, hits.Total);
        await SameAfterRebuildAsync(desk);
    }

    [Fact]
    public async Task The_number_of_the_ticket_a_text_was_written_in_is_told_only_to_who_may_read_that_one()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        using var colleague = await TicketApiTests.TokenAsync(desk, "colleague@acme.test");
        using var administrator = await TicketApiTests.TokenAsync(desk, "admin@acme.test");
        var first = await desk.OpenAsync(desk.AcmeUser, "One", "the word is xylophone");
        var second = await desk.OpenAsync(desk.AcmeColleague, "Two", "the word is marimba");
        await DoAsync(engineer, first, "merge", new { into = second.Value });

        // The colleague reads the text, which is in a ticket of his, and nothing of the other's ticket.
        Assert.Null(await FromAsync(colleague, second));
        Assert.Equal(first.Value, await FromAsync(administrator, second));
        Assert.Equal(first.Value, await FromAsync(engineer, second));
        foreach (var path in (string[])[$"/tickets/{second}", $"/tickets/{second}/entries"])
        {
            Assert.Contains("xylophone", await desk.AcmeColleague.PageAsync(path));
            Assert.DoesNotContain("from ticket #", await desk.AcmeColleague.PageAsync(path));
            Assert.Contains($"from ticket #{first}", await desk.AcmeAdministrator.PageAsync(path));
        }
    }

    [Fact]
    public async Task What_would_make_no_sense_is_refused_and_a_chain_is_undone_from_its_end()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        TicketId[] t = [await desk.OpenAsync(desk.AcmeUser, "A"), await desk.OpenAsync(desk.AcmeUser, "B"), await desk.OpenAsync(desk.AcmeUser, "C")];
        var before = new[] { await JsonAsync(engineer, t[0]), await JsonAsync(engineer, t[1]), await JsonAsync(engineer, t[2]) };
        await RefusedAsync(engineer, t[0], "merge", new { into = t[0].Value }, "into itself");
        await RefusedAsync(engineer, t[0], "merge", new { into = 9_999 }, "no ticket with this number");
        await RefusedAsync(engineer, t[0], "merge", new { }, "no ticket with this number");
        await DoAsync(engineer, t[0], "merge", new { into = t[1].Value });
        await RefusedAsync(engineer, t[0], "merge", new { into = t[2].Value }, "merged already");
        await RefusedAsync(engineer, t[1], "merge", new { into = t[0].Value }, "merged itself");
        await DoAsync(engineer, t[1], "merge", new { into = t[2].Value });
        Assert.Equal(3, (await BodiesAsync(engineer, t[2])).Count);
        // A mail about the first reaches the last.
        await desk.TakeInAsync(TestHelpdesk.From("user@acme.test", $"Re: [#{t[0]}] A", "by mail"));
        Assert.Contains("by mail", await desk.Engineer.PageAsync($"/tickets/{t[2]}"));
        await RefusedAsync(engineer, t[0], "undo", new { seq = await SeqAsync(desk, t[0], "merged-into") }, "merged since");
        await SameAfterRebuildAsync(desk);
        await DoAsync(engineer, t[1], "undo", new { seq = await SeqAsync(desk, t[1], "merged-into") });
        await DoAsync(engineer, t[0], "undo", new { seq = await SeqAsync(desk, t[0], "merged-into") });
        await RefusedAsync(engineer, t[0], "undo", new { seq = await SeqAsync(desk, t[0], "merged-into") }, "nothing to undo");
        await RefusedAsync(engineer, t[0], "undo", new { seq = 1 }, "nothing to undo");
        Assert.Equal(before[0], await JsonAsync(engineer, t[0]));
        Assert.Equal(before[1], await JsonAsync(engineer, t[1]));
        using (await desk.Engineer.PostAsync($"/tickets/{t[2]}/replies", new Dictionary<string, string> { ["body"] = "done", ["seen"] = "1000", ["then"] = "Resolved" })) { }
        await RefusedAsync(engineer, t[0], "merge", new { into = t[2].Value }, "is done");
    }

    [Fact]
    public async Task Two_merges_into_one_ticket_are_undone_in_any_order()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        TicketId[] t = [await desk.OpenAsync(desk.AcmeUser, "A", "a"), await desk.OpenAsync(desk.AcmeUser, "B", "b"), await desk.OpenAsync(desk.AcmeColleague, "C", "c")];
        var before = await JsonAsync(engineer, t[2]);
        await DoAsync(engineer, t[0], "merge", new { into = t[2].Value });
        await DoAsync(engineer, t[1], "merge", new { into = t[2].Value });
        await DoAsync(engineer, t[0], "undo", new { seq = await SeqAsync(desk, t[0], "merged-into") });
        Assert.Equal(["b", "c"], await BodiesAsync(engineer, t[2]));
        // Both merges brought the same person: the one that stands keeps him.
        Assert.Equal(2, await desk.CountAsync("select count(*) from ticket_participant where ticket_id = @id", new { id = t[2] }));
        await DoAsync(engineer, t[1], "undo", new { seq = await SeqAsync(desk, t[1], "merged-into") });
        Assert.Equal(before, await JsonAsync(engineer, t[2]));
        await DoAsync(engineer, t[0], "merge", new { into = t[2].Value });
        Assert.Equal(["a", "c"], await BodiesAsync(engineer, t[2]));
        await SameAfterRebuildAsync(desk);
    }

    [Fact]
    public async Task The_survivor_keeps_the_earliest_start_of_a_clock_that_runs()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        var early = await desk.OpenAsync(desk.AcmeUser);
        var answered = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.Engineer, answered, "Answered.")) { }
        clock.Advance(TimeSpan.FromHours(2));
        var late = await desk.OpenAsync(desk.AcmeUser);
        var (due, dueLate) = (await DueAsync(desk, early), await DueAsync(desk, late));
        Assert.Equal(Duration.FromHours(2), dueLate.Response - due.Response);
        await DoAsync(engineer, early, "merge", new { into = late.Value });
        Assert.Equal(due, await DueAsync(desk, late));
        await DoAsync(engineer, early, "undo", new { seq = await SeqAsync(desk, early, "merged-into") });
        Assert.Equal(dueLate, await DueAsync(desk, late));
        Assert.Equal(due, await DueAsync(desk, early));
        // A clock that had stopped there starts nothing here.
        await DoAsync(engineer, answered, "merge", new { into = late.Value });
        Assert.Equal((dueLate.Response, due.Resolution), await DueAsync(desk, late));
    }

    [Fact]
    public async Task Messages_move_to_a_new_ticket_and_come_back()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        var id = await desk.OpenAsync(desk.AcmeUser, "Mail is slow", "slow");
        using (await desk.ReplyAsync(desk.AcmeUser, id, "Also, how do I add an alias?")) { }
        using (await desk.NoteAsync(desk.Engineer, id, "two things")) { }
        using (await desk.ReplyAsync(desk.AcmeUser, id, "And is it free?")) { }
        var before = await JsonAsync(engineer, id);
        await RefusedAsync(engineer, id, "split", new { seqs = new[] { 1, 2 }, subject = "Alias" }, "first message stays");
        await RefusedAsync(engineer, id, "split", new { seqs = new[] { 3 }, subject = "Alias" }, "that the customer can read");
        await RefusedAsync(engineer, id, "split", new { seqs = new[] { 2, 99 }, subject = "Alias" }, "Choose what to move");
        await RefusedAsync(engineer, id, "split", new { seqs = new[] { 2 }, subject = "" }, "what it is about");
        Assert.Contains("Also, how do I add an alias?", await desk.Engineer.PageAsync($"/tickets/{id}/split?seq=2"));
        var made = new TicketId((long)(await DoAsync(engineer, id, "split", new { seqs = new[] { 2, 3, 4 }, subject = "An alias" }))!["id"]!);

        Assert.Equal(["Also, how do I add an alias?", "two things", "And is it free?"], await BodiesAsync(engineer, made));
        Assert.Equal(["slow"], await BodiesAsync(engineer, id));
        Assert.DoesNotContain("alias", await desk.AcmeUser.PageAsync($"/tickets/{id}"));
        var page = await desk.AcmeUser.PageAsync($"/tickets/{made}");
        Assert.Contains("how do I add an alias", page);
        Assert.DoesNotContain("two things", page);
        using var stranger = await desk.Stranger.GetAsync($"/tickets/{made}");
        Assert.Equal(HttpStatusCode.NotFound, stranger.StatusCode);
        await SameAfterRebuildAsync(desk);

        await DoAsync(engineer, id, "undo", new { seq = await SeqAsync(desk, id, "split-off") });
        Assert.Equal(before, await JsonAsync(engineer, id));
        Assert.Equal(4, (await BodiesAsync(engineer, id)).Count);
        Assert.Equal(TicketState.Merged, (await desk.TicketAsync(made)).State);
        await SameAfterRebuildAsync(desk);
    }

    [Fact]
    public async Task A_split_after_which_something_happened_is_not_undone()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.ReplyAsync(desk.AcmeUser, id, "Another thing")) { }
        var made = new TicketId((long)(await DoAsync(engineer, id, "split", new { seqs = new[] { 2 }, subject = "Another" }))!["id"]!);
        using (await desk.ReplyAsync(desk.Engineer, made, "Seen.")) { }
        await RefusedAsync(engineer, id, "undo", new { seq = await SeqAsync(desk, id, "split-off") }, "Something has happened");
        await DoAsync(engineer, made, "merge", new { into = id.Value });
        Assert.Equal(3, (await BodiesAsync(engineer, id)).Count);
        await SameAfterRebuildAsync(desk);
    }

    [Fact]
    public async Task A_merge_whose_messages_were_split_off_waits_for_that_to_be_undone()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        var (source, id) = (await desk.OpenAsync(desk.AcmeUser, "A", "a"), await desk.OpenAsync(desk.AcmeUser, "B", "b"));
        await DoAsync(engineer, source, "merge", new { into = id.Value });
        await DoAsync(engineer, id, "split", new { seqs = new[] { await SeqAsync(desk, id, "brought-message") }, subject = "Again" });
        await RefusedAsync(engineer, id, "undo", new { seq = await SeqAsync(desk, id, "merged-from") }, "moved to a new ticket");
        await DoAsync(engineer, id, "undo", new { seq = await SeqAsync(desk, id, "split-off") });
        await DoAsync(engineer, id, "undo", new { seq = await SeqAsync(desk, id, "merged-from") });
        Assert.Equal(["b"], await BodiesAsync(engineer, id));
        await SameAfterRebuildAsync(desk);
    }

    [Fact]
    public async Task Ties_stand_at_both_tickets_make_no_circle_and_are_undone_at_both()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        TicketId[] t = [await desk.OpenAsync(desk.AcmeUser, "A"), await desk.OpenAsync(desk.Stranger, "B"), await desk.OpenAsync(desk.AcmeUser, "C")];
        var before = new[] { await JsonAsync(engineer, t[0]), await JsonAsync(engineer, t[1]) };
        await DoAsync(engineer, t[0], "links", new { other = t[1].Value, role = "BlockedBy" });
        await RefusedAsync(engineer, t[0], "links", new { other = t[1].Value, role = "BlockedBy" }, "already");
        await DoAsync(engineer, t[1], "links", new { other = t[2].Value, role = "BlockedBy" });
        await RefusedAsync(engineer, t[2], "links", new { other = t[0].Value, role = "BlockedBy" }, "circle");
        await RefusedAsync(engineer, t[0], "links", new { other = t[2].Value, role = "Blocks" }, "circle");
        await RefusedAsync(engineer, t[0], "links", new { other = t[0].Value, role = "Related" }, "itself");
        await RefusedAsync(engineer, t[0], "links", new { other = t[1].Value, role = "Cause" }, "problem");
        await RefusedAsync(engineer, t[0], "links", new { other = t[1].Value, role = "Spouse" }, "Choose one");
        Assert.Contains("Blocks", await desk.Engineer.PageAsync($"/tickets/{t[1]}"));
        foreach (var (who, id) in new[] { (desk.AcmeUser, t[0]), (desk.Stranger, t[1]) })
        {
            Assert.DoesNotContain("Blocks", await who.PageAsync($"/tickets/{id}"));
            Assert.DoesNotContain("linked", await who.PageAsync($"/api/tickets/{id}"));
        }
        await SameAfterRebuildAsync(desk);
        await DoAsync(engineer, t[0], "undo", new { seq = await SeqAsync(desk, t[0], "linked") });
        Assert.Equal(before[0], await JsonAsync(engineer, t[0]));
        Assert.Single(JsonNode.Parse(await JsonAsync(engineer, t[1]))!["links"]!.AsArray());
        await DoAsync(engineer, t[1], "undo", new { seq = await SeqAsync(desk, t[1], "linked") });
        Assert.Equal(before[1], await JsonAsync(engineer, t[1]));
        await SameAfterRebuildAsync(desk);
    }

    [Fact]
    public async Task A_problem_groups_incidents_and_answers_them_all()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var engineer = await TicketApiTests.TokenAsync(desk, "engineer@vendor.test");
        var (one, two) = (await desk.OpenAsync(desk.AcmeUser, "One"), await desk.OpenAsync(desk.Stranger, "Two"));
        using var refused = await (await TicketApiTests.TokenAsync(desk, "user@acme.test")).Http.PostAsJsonAsync("/api/tickets", new { subject = "x", kind = "Problem", body = "y" }, Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using var made = await engineer.Http.PostAsJsonAsync("/api/tickets", new { subject = "The queue stops", kind = "Problem", body = "Since 1.0.1." }, Ct);
        var problem = new TicketId((long)(await made.Content.ReadFromJsonAsync<JsonObject>(Ct))!["id"]!);
        foreach (var incident in (TicketId[])[one, two]) await DoAsync(engineer, incident, "links", new { other = problem.Value, role = "Cause" });
        using (var moved = await desk.Engineer.PostAsync($"/tickets/{problem}/state", new Dictionary<string, string> { ["to"] = "Resolved" }))
            Assert.Equal(HttpStatusCode.SeeOther, moved.StatusCode);
        Assert.Contains("Answer its incidents", await desk.Engineer.PageAsync($"/tickets/{problem}"));
        await RefusedAsync(engineer, problem, "incidents", new { incidents = Array.Empty<long>(), answer = "x" }, "at least one");
        await RefusedAsync(engineer, problem, "incidents", new { incidents = new[] { one.Value }, answer = "" }, "Write something");
        await DoAsync(engineer, problem, "incidents", new { incidents = new[] { one.Value, two.Value }, answer = "Mended.", then = "Resolved" });
        foreach (var (who, id) in new[] { (desk.AcmeUser, one), (desk.Stranger, two) })
        {
            Assert.Equal(TicketState.Resolved, (await desk.TicketAsync(id)).State);
            var page = await who.PageAsync($"/tickets/{id}");
            Assert.Contains("Mended.", page);
            Assert.DoesNotContain("The queue stops", page);
        }
    }

    [Fact]
    public async Task Nobody_but_staff_ties_merges_splits_or_undoes()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var (one, two) = (await desk.OpenAsync(desk.AcmeUser), await desk.OpenAsync(desk.AcmeUser));
        foreach (var who in (TestBrowser[])[desk.AcmeUser, desk.AcmeAdministrator, desk.Partner, desk.Stranger])
        {
            foreach (var (path, form) in new (string, Dictionary<string, string>)[] { ("links", new() { ["other"] = $"{two}", ["role"] = "Related" }),
                ("merge", new() { ["into"] = $"{two}" }), ("split", new() { ["seq"] = "1", ["subject"] = "x" }), ("undo", new() { ["seq"] = "1" }), ("incidents", []) })
            {
                using var answer = await who.PostAsync($"/tickets/{one}/{path}", form);
                Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            }
        }
        Assert.Equal(2, await desk.CountAsync("select count(*) from ticket_event"));
    }

    [Theory, BothEngines]
    public async Task A_chain_of_merges_and_a_split_are_undone_and_rebuilt_on_both_engines(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine, null, new HelpdeskModule());
        var (log, joins, undo) = (kernel.Get<TicketLog>(), kernel.Get<TicketJoins>(), kernel.Get<TicketUndo>());
        var me = new CurrentPerson { Id = new(7), Name = "Asha", Organisation = new(1), Role = Role.SupportL2, Zone = DateTimeZone.Utc };
        Task<Ticket> OpenAsync(string subject) => kernel.Db.WriteAsync(tx => log.OpenAsync(tx, new(null, null, "Ravi", "ravi@acme.test", subject,
            TicketKind.Incident, Priority.P2, "", "", null, Via.Mail, Side.Customer, []), new(null, "Ravi"), $"text of {subject}", kernel.Now), Ct);
        var tickets = new[] { await OpenAsync("a"), await OpenAsync("b"), await OpenAsync("c") };
        var before = await DumpAsync(kernel);
        Assert.IsType<TicketResult.Done>(await joins.MergeAsync(tickets[0].Id, tickets[1].Id, false, me, Ct));
        Assert.IsType<TicketResult.Done>(await joins.LinkAsync(tickets[1].Id, tickets[2].Id, LinkRole.Parent, me, Ct));
        Assert.IsType<TicketResult.Done>(await joins.MergeAsync(tickets[1].Id, tickets[2].Id, false, me, Ct));
        Assert.IsType<TicketResult.Done>(await joins.SplitAsync(tickets[2].Id, [4], "d", me, Ct));
        var joined = await DumpAsync(kernel);
        await log.RebuildAsync(new Progress<(long, long)>(), Ct);
        Assert.Equal(joined, await DumpAsync(kernel));
        foreach (var (id, kind) in new[] { (2, "split-off"), (2, "merged-from"), (1, "linked"), (1, "merged-from") })
        {
            var seq = await kernel.ReadAsync(tx => tx.QuerySingleAsync<long>("select min(seq) from ticket_event where ticket_id = @id and kind = @kind", new { id = tickets[id].Id, kind }));
            Assert.IsType<TicketResult.Done>(await undo.UndoAsync(tickets[id].Id, seq, me, Ct));
        }
        // But for the ticket that the split made, which ended in its old one.
        Assert.Equal(before, [.. (await DumpAsync(kernel)).Where(l => !l.StartsWith("4|", StringComparison.Ordinal))]);
        var after = await kernel.ReadAsync(tx => tx.QueryAsync<string>("select hash from ticket order by id"));
        await log.RebuildAsync(new Progress<(long, long)>(), Ct);
        Assert.Equal(after, await kernel.ReadAsync(tx => tx.QueryAsync<string>("select hash from ticket order by id")));
        Assert.True((await log.VerifyAsync(Ct)).Intact);
    }

    private static async Task<IReadOnlyList<string>> DumpAsync(TestKernel kernel) => [.. await kernel.ReadAsync(tx => tx.QueryAsync<string>("""
        select id || '|' || state || '|' || subject || '|' || coalesce(merged_into_id, 0) || '|' || updated_at || '|' || coalesce(stopped_at, 0) || '|' || resolution_due from ticket
        union all select ticket_id || '|' || body || '|' || posted_at from ticket_message
        union all select ticket_id || '|' || other_id || role from ticket_link
        union all select item || '|' || body from search_document order by 1
        """))];

    private static async Task<long?> FromAsync(TestBrowser by, TicketId id)
        => (long?)JsonNode.Parse(await by.PageAsync($"/api/tickets/{id}"))!["entries"]!.AsArray().Single(e => ((string?)e!["body"])?.Contains("xylophone", StringComparison.Ordinal) == true)!["from"];

    private static async Task SameAfterRebuildAsync(TestHelpdesk desk)
    {
        var before = await TicketLogTests.DumpAsync(desk);
        await desk.House.Get<TicketLog>().RebuildAsync(new Progress<(long, long)>(), Ct);
        Assert.Equal(before, await TicketLogTests.DumpAsync(desk));
    }

    private static async Task<JsonNode?> DoAsync(TestBrowser by, TicketId id, string what, object body)
    {
        using var answer = await by.Http.PostAsJsonAsync($"/api/tickets/{id}/{what}", body, Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text);
    }

    private static async Task RefusedAsync(TestBrowser by, TicketId id, string what, object body, string why)
    {
        using var answer = await by.Http.PostAsJsonAsync($"/api/tickets/{id}/{what}", body, Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(why, await answer.Content.ReadAsStringAsync(Ct));
    }

    /// <summary>What a program reads of a ticket, but for its log.</summary>
    private static async Task<string> JsonAsync(TestBrowser by, TicketId id)
    {
        var ticket = JsonNode.Parse(await by.PageAsync($"/api/tickets/{id}"))!.AsObject();
        var entries = ticket["entries"]!.AsArray();
        ticket["entries"] = new JsonArray([.. entries.Where(e => (string)e!["type"]! != "event").Select(e => e!.DeepClone())]);
        return ticket.ToJsonString();
    }

    private static async Task<IReadOnlyList<string>> BodiesAsync(TestBrowser by, TicketId id)
        => [.. JsonNode.Parse(await by.PageAsync($"/api/tickets/{id}"))!["entries"]!.AsArray().Where(e => (string)e!["type"]! != "event").Select(e => (string)e!["body"]!)];

    private static Task<long> SeqAsync(TestHelpdesk desk, TicketId id, string kind)
        => desk.CountAsync("select max(seq) from ticket_event where ticket_id = @id and kind = @kind", new { id, kind });

    private static Task<(Instant Response, Instant Resolution)> DueAsync(TestHelpdesk desk, TicketId id)
        => desk.House.Db.ReadAsync(async tx => await tx.QuerySingleAsync<(Instant, Instant)>("select response_due, resolution_due from ticket where id = @id", new { id }), Ct);
}
