using System.Net;
using Mithi.Helpdesk.Levels;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Helpdesk.Tests.Levels;

public sealed class HandOverTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_next_level_asked_for_and_nobody_gave_holds_the_ticket()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        Assert.Contains("What was tried is written down", await desk.Engineer.PageAsync($"/tickets/{id}/hand-over?level=L2"), StringComparison.Ordinal);
        var fields = Answers("L2", ("The version is known", "1", ""), ("What was tried is written down", "", "  "), ("A log or a picture is attached", "", "The customer may not send logs"));
        using (var refused = await desk.Engineer.PostAsync($"/tickets/{id}/level", fields))
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            var page = await refused.Content.ReadAsStringAsync(Ct);
            Assert.Contains("id=\"words-1-error\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("id=\"words-0-error\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("id=\"words-2-error\"", page, StringComparison.Ordinal);
            Assert.Contains("The customer may not send logs", page, StringComparison.Ordinal);
        }
        Assert.Equal(Level.L1, (await desk.TicketAsync(id)).Level);

        fields["words-1"] = "A restart";
        using (var done = await desk.Engineer.PostAsync($"/tickets/{id}/level", fields)) Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        var shown = await desk.Engineer.PageAsync($"/tickets/{id}");
        foreach (var said in (string[])["The version is known", "A restart", "The customer may not send logs"]) Assert.Contains(said, shown, StringComparison.Ordinal);
        foreach (var reader in new[] { desk.AcmeUser, desk.AcmeAdministrator, desk.Partner })
        {
            var page = await reader.PageAsync($"/tickets/{id}");
            Assert.DoesNotContain("A restart", page, StringComparison.Ordinal);
            Assert.DoesNotContain("The version is known", page, StringComparison.Ordinal);
        }

        // Whoever gives it back is asked nothing.
        using (var back = await desk.Engineer.PostAsync($"/tickets/{id}/level", Answers("L1"))) Assert.Equal(HttpStatusCode.SeeOther, back.StatusCode);
        Assert.Equal(Level.L1, (await desk.TicketAsync(id)).Level);
        var before = await desk.TicketAsync(id);
        await desk.House.Db.WriteAsync(tx => desk.House.Get<TicketLog>().RebuildAsync(tx, id), Ct);
        Assert.Equal(before, await desk.TicketAsync(id));
    }

    [Fact]
    public async Task A_macro_can_not_pass_by_what_a_level_asks_for()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (await desk.Engineer.PostAsync("/helpdesk/macros/new", new Dictionary<string, string> { ["name"] = "Up", ["priority"] = "P1", ["level"] = "L2", ["reason"] = "Please look" })) { }
        using (var refused = await desk.Engineer.PostAsync($"/tickets/{id}/macro", new Dictionary<string, string> { ["macro"] = "1", ["seen"] = "1000" }))
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal((Level.L1, Priority.P3), ((await desk.TicketAsync(id)).Level, (await desk.TicketAsync(id)).Priority));
    }

    [Fact]
    public async Task Supervisors_change_what_is_asked_and_of_two_at_once_the_second_is_told()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        using var admin = await desk.House.SignInAsync(Role.Administrator, desk.Vendor);
        using (var no = await desk.Engineer.GetAsync("/helpdesk/evidence")) Assert.Equal(HttpStatusCode.Forbidden, no.StatusCode);
        var list = new Dictionary<string, string> { ["version"] = "0", ["L2"] = "Is it <b>plugged in</b>?\n\n", ["L3"] = "", ["Development"] = "Steps" };
        using (var saved = await admin.PostAsync("/helpdesk/evidence", list)) Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
        using (var late = await admin.PostAsync("/helpdesk/evidence", list)) Assert.Equal(HttpStatusCode.UnprocessableEntity, late.StatusCode);
        list["L2"] = string.Join('\n', Enumerable.Range(0, 11));
        using (var many = await admin.PostAsync("/helpdesk/evidence", list)) Assert.Contains("id=\"L2-error\"", await many.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);

        var id = await desk.OpenAsync(desk.AcmeUser);
        var asked = await desk.Engineer.PageAsync($"/tickets/{id}/hand-over?level=L2");
        Assert.Contains("Is it &lt;b&gt;plugged in", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("The version is known", asked, StringComparison.Ordinal);
        // The old list's answers say nothing to the new question.
        using (var old = await desk.Engineer.PostAsync($"/tickets/{id}/level", Answers("L2", ("The version is known", "1", "")))) Assert.Equal(HttpStatusCode.UnprocessableEntity, old.StatusCode);
        using (var free = await desk.Engineer.PostAsync($"/tickets/{id}/level", Answers("L3"))) Assert.Equal(HttpStatusCode.SeeOther, free.StatusCode);
        using (var customer = await desk.AcmeAdministrator.GetAsync($"/tickets/{id}/hand-over")) Assert.Equal(HttpStatusCode.Forbidden, customer.StatusCode);
    }

    private static Dictionary<string, string> Answers(string level, params (string Question, string Given, string Words)[] answers)
    {
        var fields = new Dictionary<string, string> { ["level"] = level, ["reason"] = "Please look" };
        foreach (var ((question, given, words), i) in answers.Select((a, i) => (a, i)))
        {
            (fields[$"question-{i}"], fields[$"words-{i}"]) = (question, words);
            if (given.Length > 0) fields[$"given-{i}"] = given;
        }
        return fields;
    }
}
