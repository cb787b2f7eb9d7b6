using System.Globalization;
using System.Text.RegularExpressions;
using MimeKit;
using Mithi.Testing;
using Xunit;

namespace Mithi.Machine.Tests.Story;

/// <summary>The ticket of the story, seen by those who work on it.</summary>
internal sealed partial class StoryTicket
{
    private static readonly TimeSpan MailMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Kolkata = TimeSpan.FromMinutes(330);

    private readonly StoryNode _node;
    private readonly StoryPeople _people;

    private StoryTicket(StoryNode node, StoryPeople people, string number) => (_node, _people, Number) = (node, people, number);

    public string Number { get; }

    private string Page => $"/tickets/{Number}";

    /// <summary>The customer reports in the portal.</summary>
    public static async Task<StoryTicket> ReportAsync(StoryNode node, StoryPeople people)
    {
        var page = await StoryPeople.SendAsync(people.Meera, "/tickets/new", new Dictionary<string, string>
        {
            ["subject"] = "Large mails are refused", ["kind"] = "Incident", ["priority"] = "P2", ["product"] = StoryReleases.Product,
            ["version"] = "1.0.0-sp1", ["body"] = "Since the service pack, reports of 12 MB bounce.",
        });
        return new(node, people, TicketNumber().Match(page).Groups[1].Value);
    }

    /// <summary>The customer's side and the staff see it; nobody else does.</summary>
    public async Task IsSeenByTheRightPeopleAsync()
    {
        foreach (var sees in new[] { _people.Meera, _people.Farida, _people.Asha, _people.Vikram, _people.Ravi, _people.Lata })
            Assert.Contains("Large mails are refused", await sees.PageAsync("/tickets"), StringComparison.Ordinal);
        foreach (var (who, status) in new[] { (_people.Nitin, 404), (_people.Suresh, 404), (_people.Passer, 302) })
        {
            using var answer = await who.GetAsync(Page);
            Assert.Equal(status, (int)answer.StatusCode);
        }
    }

    /// <summary>The first response is promised by an hour of the 12x6 calendar, and its clock runs.</summary>
    public async Task PromiseRunsAsync()
    {
        var clock = ResponseClock().Match(await _people.Asha.PageAsync(Page));
        Assert.Equal("running", clock.Groups["state"].Value);
        Assert.Equal("12x6", clock.Groups["calendar"].Value);
        var due = DateTimeOffset.Parse(clock.Groups["due"].Value, CultureInfo.InvariantCulture).ToOffset(Kolkata);
        Assert.NotEqual(DayOfWeek.Sunday, due.DayOfWeek);
        Assert.InRange(due.TimeOfDay, TimeSpan.FromHours(8), TimeSpan.FromHours(20));
    }

    public async Task PromiseIsKeptAsync()
        => Assert.Equal("kept", ResponseClock().Match(await _people.Asha.PageAsync(Page)).Groups["state"].Value);

    /// <summary>An engineer answers in the portal; the customer reads it as mail and writes back by mail, into the same ticket.</summary>
    public async Task AnswerAsync(CancellationToken ct)
    {
        await StoryPeople.SendAsync(_people.Asha, Page, new Dictionary<string, string> { ["body"] = "We can see it too. A patch is on its way." }, $"{Page}/replies");
        var answer = await _node.MailAsync(StoryPeople.MeeraAddress, m => m.TextBody?.Contains("A patch is on its way.", StringComparison.Ordinal) == true, ct);
        var reply = new MimeMessage
        {
            Subject = $"Re: {answer.Subject}", InReplyTo = answer.MessageId,
            Body = new TextPart("plain") { Text = "Thank you. It is the reports of our branches, every evening." },
        };
        reply.From.Add(new MailboxAddress("Meera Joshi", StoryPeople.MeeraAddress));
        reply.To.AddRange(answer.ReplyTo.Count > 0 ? answer.ReplyTo : answer.From);
        reply.References.Add(answer.MessageId!);
        await _node.Mail.SendAsync(reply, ct);
        await _people.Meera.FollowAsync(Page, $"{Page}/feed", ByMail(), MailMax, ct);
    }

    public Task HandOverAsync() => StoryPeople.SendAsync(_people.Asha, $"{Page}/hand-over?level=Development", new Dictionary<string, string>
    {
        ["level"] = "Development", ["reason"] = "Seen with 1.0.0-sp1: the limit of a message is too low. It worked with 1.0.0.",
        ["question-0"] = "The smallest steps that show it are written down", ["given-0"] = "1",
        ["question-1"] = "The versions that are affected are known", ["given-1"] = "1",
    }, $"{Page}/level");

    /// <summary>The ticket names its fix, and the customer was told by mail, with a link that leads him to it.</summary>
    public async Task HasFixAsync(string version, CancellationToken ct)
    {
        var news = await _node.MailAsync(StoryPeople.MeeraAddress, m => m.TextBody?.Contains(version, StringComparison.Ordinal) == true, ct);
        var link = DownloadLink().Match(news.TextBody!);
        Assert.True(link.Success, news.TextBody);
        Assert.Contains($"id=\"v-{version}\"", await _people.Meera.PageAsync(link.Value), StringComparison.Ordinal);
        foreach (var reader in new[] { _people.Meera, _people.Asha })
        {
            var page = await reader.PageAsync(Page);
            Assert.Contains("<span class=\"badge good\">Fix available</span>", page, StringComparison.Ordinal);
            Assert.Contains($"Fixed in {StoryReleases.Product} {version}.", page, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex("/tickets/([0-9]+)")]
    private static partial Regex TicketNumber();

    [GeneratedRegex("""First response <span class="[^"]*">(?<state>[a-z]+)</span>.*?<dt>Due</dt><dd><time datetime="(?<due>[^"]+)".*?<dt>Calendar</dt><dd>(?<calendar>[^<]+)</dd>""",
        RegexOptions.Singleline)]
    private static partial Regex ResponseClock();

    [GeneratedRegex("the reports of our branches")]
    private static partial Regex ByMail();

    [GeneratedRegex(@"https://\S+/downloads/\S+")]
    private static partial Regex DownloadLink();
}
