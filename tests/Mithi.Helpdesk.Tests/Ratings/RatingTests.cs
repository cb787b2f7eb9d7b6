using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Ratings;
using Mithi.Helpdesk.Tickets;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Ratings;

public sealed partial class RatingTests
{
    [Fact]
    public async Task A_customer_says_how_it_was_solved_and_staff_reads_it()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await ResolvedAsync(desk);
        var page = await desk.AcmeUser.PageAsync($"/tickets/{id}");
        Assert.Contains("It was solved well", page);
        using (var said = await RateAsync(desk.AcmeUser, id, "Good", "Quick & kind")) Assert.Equal(HttpStatusCode.SeeOther, said.StatusCode);
        var seen = await desk.Engineer.PageAsync($"/tickets/{id}");
        Assert.Contains("Solved well", seen);
        Assert.Contains("Quick &amp; kind", seen);
        Assert.DoesNotContain("It was solved well", seen);
    }

    [Fact]
    public async Task Saying_it_twice_says_it_once_and_thinking_again_is_kept()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await ResolvedAsync(desk);
        for (var i = 0; i < 2; i++)
            using (var said = await RateAsync(desk.AcmeUser, id, "Good", "")) Assert.Equal(HttpStatusCode.SeeOther, said.StatusCode);
        using (var said = await RateAsync(desk.AcmeUser, id, "Bad", "It came back.")) Assert.Equal(HttpStatusCode.SeeOther, said.StatusCode);
        Assert.Equal(2, await RatedAsync(desk, id));
        Assert.Equal((Rating.Bad, "It came back."), await OpinionAsync(desk, id));
    }

    [Theory]
    [InlineData("engineer")]
    [InlineData("partner")]
    [InlineData("stranger")]
    public async Task Nobody_else_says_it_for_the_customer(string who)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await ResolvedAsync(desk);
        using var said = await RateAsync(who switch { "engineer" => desk.Engineer, "partner" => desk.Partner, _ => desk.Stranger }, id, "Good", "");
        Assert.Equal(HttpStatusCode.NotFound, said.StatusCode);
        Assert.Equal(0, await RatedAsync(desk, id));
    }

    [Fact]
    public async Task An_open_or_closed_ticket_takes_no_opinion()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await desk.OpenAsync(desk.AcmeUser);
        using (var early = await RateAsync(desk.AcmeUser, id, "Good", "")) Assert.Equal(HttpStatusCode.UnprocessableEntity, early.StatusCode);
        using (await desk.ReplyAsync(desk.Engineer, id, "Done.", then: "Resolved")) { }
        using (await desk.Engineer.PostAsync($"/tickets/{id}/state", new Dictionary<string, string> { ["to"] = "Closed" })) { }
        using (var late = await RateAsync(desk.AcmeUser, id, "Good", "")) Assert.Equal(HttpStatusCode.UnprocessableEntity, late.StatusCode);
        Assert.Equal(0, await RatedAsync(desk, id));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("Excellent", "")]
    [InlineData("1", "")]
    public async Task What_is_no_opinion_is_refused_with_what_was_typed(string rating, string _)
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await ResolvedAsync(desk);
        using var said = await RateAsync(desk.AcmeUser, id, rating, "Typed <b>words</b>");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, said.StatusCode);
        Assert.Contains("Typed &lt;b&gt;words", await said.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var longer = await RateAsync(desk.AcmeUser, id, "Good", new string('x', 2_001));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, longer.StatusCode);
        Assert.Equal(0, await RatedAsync(desk, id));
    }

    [Fact]
    public async Task The_link_in_the_mail_opens_a_form_and_looking_at_it_says_nothing()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await ResolvedAsync(desk);
        var link = await LinkAsync(desk);
        using var nobody = new TestBrowser(desk.House.Url);
        foreach (var query in (string[])["", "?rating=Good", "?done=1", "?rating=Bad&comment=x"])
            Assert.Contains($"How was ticket #{id} solved?", await nobody.PageAsync(link + query));
        using (var head = await nobody.Http.SendAsync(new(HttpMethod.Head, link), TestContext.Current.CancellationToken)) { }
        Assert.Equal(0, await RatedAsync(desk, id));
        using (var said = await nobody.PostAsync(link, new Dictionary<string, string> { ["rating"] = "Good", ["comment"] = "From the mail" }, from: link))
            Assert.Equal(HttpStatusCode.SeeOther, said.StatusCode);
        Assert.Equal((Rating.Good, "From the mail"), await OpinionAsync(desk, id));
        var page = await nobody.PageAsync(link + "?done=1");
        Assert.Contains("Thank you", page);
        // Whoever else holds the mail is not shown what was written.
        Assert.DoesNotContain("From the mail", page);
    }

    [Fact]
    public async Task A_form_that_another_site_sends_says_nothing()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await ResolvedAsync(desk);
        using var nobody = new TestBrowser(desk.House.Url);
        using var forged = new FormUrlEncodedContent(new Dictionary<string, string> { ["rating"] = "Bad" });
        using var answer = await nobody.Http.PostAsync(await LinkAsync(desk), forged, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, await RatedAsync(desk, id));
    }

    [Fact]
    public async Task A_link_is_good_for_one_ticket_and_one_resolution()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await ResolvedAsync(desk);
        var other = await ResolvedAsync(desk);
        var link = await LinkAsync(desk, id);
        using var nobody = new TestBrowser(desk.House.Url);
        foreach (var wrong in (string[])[link.Replace($"/rate/{id}-", $"/rate/{other}-"), link[..^1] + (link[^1] == '0' ? '1' : '0'), "/rate/1", "/rate/%00", $"/rate/{id}-3-{new string('0', 32)}"])
        {
            using var answer = await nobody.GetAsync(wrong);
            Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.BadRequest]);
        }
        using (await desk.ReplyAsync(desk.AcmeUser, id, "It came back.")) { }
        using (var reopened = await nobody.GetAsync(link)) Assert.Equal(HttpStatusCode.Gone, reopened.StatusCode);
        using (await desk.ReplyAsync(desk.Engineer, id, "Now for good.", then: "Resolved")) { }
        using (var old = await nobody.GetAsync(link)) Assert.Equal(HttpStatusCode.Gone, old.StatusCode);
        Assert.NotEqual(link, await LinkAsync(desk, id));
    }

    [Fact]
    public async Task After_a_reopening_the_next_resolution_is_rated_anew()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 6, 4, 30, 0, TimeSpan.Zero));
        await using var desk = await TestHelpdesk.StartAsync(clock);
        var id = await ResolvedAsync(desk);
        using (await RateAsync(desk.AcmeUser, id, "Bad", "")) { }
        using (await desk.ReplyAsync(desk.AcmeUser, id, "It came back.")) { }
        Assert.Equal(((Rating?)null, ""), await OpinionAsync(desk, id));
        using (await desk.ReplyAsync(desk.Engineer, id, "Now for good.", then: "Resolved")) { }
        using (await RateAsync(desk.AcmeUser, id, "Good", "")) { }
        Assert.Equal((Rating.Good, ""), await OpinionAsync(desk, id));
    }

    [Fact]
    public async Task Whoever_changes_his_mind_without_end_is_asked_to_stop()
    {
        await using var desk = await TestHelpdesk.StartAsync();
        var id = await ResolvedAsync(desk);
        for (var i = 0; i <= 20; i++)
            using (var said = await RateAsync(desk.AcmeUser, id, i % 2 == 0 ? "Good" : "Bad", ""))
                Assert.Equal(i < 20 ? HttpStatusCode.SeeOther : HttpStatusCode.UnprocessableEntity, said.StatusCode);
        Assert.Equal(20, await RatedAsync(desk, id));
    }

    private static async Task<TicketId> ResolvedAsync(TestHelpdesk desk)
    {
        var id = await desk.OpenAsync(desk.AcmeUser);
        using var answer = await desk.ReplyAsync(desk.Engineer, id, "Restart the service.", then: "Resolved");
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return id;
    }

    private static Task<HttpResponseMessage> RateAsync(TestBrowser by, TicketId id, string rating, string comment)
        => by.PostAsync($"/tickets/{id}/rating", new Dictionary<string, string> { ["rating"] = rating, ["comment"] = comment });

    private static Task<long> RatedAsync(TestHelpdesk desk, TicketId id)
        => desk.CountAsync("select count(*) from ticket_event where ticket_id = @id and kind = 'rated'", new { id = id.Value });

    private static async Task<(Rating?, string)> OpinionAsync(TestHelpdesk desk, TicketId id)
        => (await desk.House.Get<RatingStore>().OfAsync(id, TestContext.Current.CancellationToken)) is { } rated ? (rated.Rating, rated.Comment) : default;

    /// <summary>The link in the last mail about a ticket; without one, in the last mail at all.</summary>
    private static async Task<string> LinkAsync(TestHelpdesk desk, TicketId? id = null)
    {
        var texts = await desk.House.Db.ReadAsync(tx => tx.QueryAsync<string>("select mail from outgoing_mail where mail <> '' order by id desc"), TestContext.Current.CancellationToken);
        return texts.Select(t => Link().Match(t)).First(m => m.Success && (id is null || m.Value.StartsWith($"/rate/{id}-", StringComparison.Ordinal))).Value;
    }

    [GeneratedRegex("/rate/[0-9]+-[0-9]+-[0-9a-f]{32}")]
    private static partial Regex Link();
}
