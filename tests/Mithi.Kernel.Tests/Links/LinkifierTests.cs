using System.Diagnostics;
using Microsoft.AspNetCore.Html;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.Links;

public sealed class LinkifierTests
{
    private static readonly CurrentPerson Anybody = CurrentPerson.Nobody("en", DateTimeZone.Utc);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("see #4711.", "see <a href=\"/ticket/4711\" title=\"T 4711\">#4711</a>.")]
    [InlineData("(ticket:4711)", "(<a href=\"/ticket/4711\" title=\"T 4711\">ticket:4711</a>)")]
    [InlineData("release:connect-server/5.2.1-sp1, now", "<a href=\"/release/connect-server/5.2.1-sp1\" title=\"T connect-server/5.2.1-sp1\">release:connect-server/5.2.1-sp1</a>, now")]
    [InlineData("wiki:service/disks/raid.", "<a href=\"/wiki/service/disks/raid\" title=\"T service/disks/raid\">wiki:service/disks/raid</a>.")]
    [InlineData("https://example.org/a?b=1&c=2).", "<a href=\"https://example.org/a?b=1&amp;c=2\" rel=\"nofollow noopener ugc\">https://example.org/a?b=1&amp;c=2</a>).")]
    [InlineData("नमस्ते #7", "नमस्ते <a href=\"/ticket/7\" title=\"T 7\">#7</a>")]
    public async Task References_become_links(string text, string html) => Assert.Equal(html, await HtmlAsync(text));

    [Theory]
    [InlineData("#0")]
    [InlineData("#007")]
    [InlineData("a#5")]
    [InlineData("##5")]
    [InlineData("#5a")]
    [InlineData("#12345678901234567890")]
    [InlineData("/path#5")]
    [InlineData("unknown:thing")]
    [InlineData("javascript:alert")]
    [InlineData("ticket:hidden")]
    [InlineData("mailto:x")]
    [InlineData("ticket:offsite")]
    [InlineData("ticket:script")]
    [InlineData("ticket:backslash")]
    [InlineData("https://")]
    public async Task What_is_none_or_not_for_this_reader_stays_text(string text) => Assert.Equal(text, await HtmlAsync(text));

    [Theory]
    [InlineData("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;")]
    [InlineData("<b>#5</b>", "&lt;b&gt;<a href=\"/ticket/5\" title=\"T 5\">#5</a>&lt;/b&gt;")]
    [InlineData("https://x.test/\"onmouseover=alert(1)", "<a href=\"https://x.test/\" rel=\"nofollow noopener ugc\">https://x.test/</a>&quot;onmouseover=alert(1)")]
    [InlineData("https://x.test/<script>", "<a href=\"https://x.test/\" rel=\"nofollow noopener ugc\">https://x.test/</a>&lt;script&gt;")]
    [InlineData("ticket:quote", "<a href=\"/t?&quot;&gt;\" title=\"&lt;img src=x&gt;\">ticket:quote</a>")]
    public async Task Markup_is_never_passed_on(string text, string html) => Assert.Equal(html, await HtmlAsync(text));

    [Fact]
    public async Task A_text_of_nothing_but_references_asks_a_bounded_number_of_questions()
    {
        var target = new Target("ticket");
        await new Linkifier([target]).ToHtmlAsync(string.Join(' ', Enumerable.Range(1, 50_000).Select(i => $"#{i}")), Anybody, Ct);
        Assert.Equal(Kernel.Links.Limits.LinksMax, target.Questions);
    }

    [Theory]
    [InlineData('#')]
    [InlineData('a')]
    [InlineData(':')]
    [InlineData('.')]
    [InlineData('/')]
    public async Task Endless_runs_of_one_character_take_no_long_time(char one)
    {
        var started = Stopwatch.GetTimestamp();
        await HtmlAsync("wiki:a" + new string(one, 200_000));
        await HtmlAsync("https://" + new string(one, 200_000));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20));
    }

    private static async Task<string> HtmlAsync(string text)
    {
        var html = await new Linkifier([new Target("ticket"), new Target("release"), new Target("wiki")]).ToHtmlAsync(text, Anybody, Ct);
        return ((HtmlString)html).Value!;
    }

    private sealed class Target(string scheme) : ILinkTarget
    {
        public int Questions { get; private set; }

        public string Scheme => scheme;

        public Task<LinkTarget?> ResolveAsync(string id, CurrentPerson me, CancellationToken ct)
        {
            Questions++;
            return Task.FromResult(id switch
            {
                "hidden" => null,
                "offsite" => new LinkTarget("//evil.test/", "x"),
                "backslash" => new LinkTarget("/\\evil.test/", "x"),
                "script" => new LinkTarget("javascript:alert(1)", "x"),
                "quote" => new LinkTarget("/t?\">", "<img src=x>"),
                _ => new LinkTarget($"/{scheme}/{id}", $"T {id}"),
            });
        }
    }
}
