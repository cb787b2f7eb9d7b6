using Mithi.Wiki.Rendering;
using Xunit;

namespace Mithi.Wiki.Tests;

public sealed class RenderingTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("![x](javascript:alert(1))")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("<svg><script>alert(1)</script></svg>")]
    [InlineData("<a href=\"jav&#x61;script:alert(1)\">x</a>")]
    [InlineData("<iframe src=\"//example.test\"></iframe>")]
    [InlineData("<form action=\"/sign-out\" method=post><button>x</button></form>")]
    [InlineData("<p style=\"position:fixed\">x</p>")]
    public void Nothing_that_runs_passes(string markdown)
    {
        var html = MarkdownRenderer.Render(markdown, "/wiki/reference/page");
        foreach (var bad in new[] { "<script", "javascript:", "onerror", "<svg", "<iframe", "<form", "style=" })
            Assert.DoesNotContain(bad, html, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("[x](people.md)", "/wiki/administrators-manual/mail/people")]
    [InlineData("[x](../index.md#top)", "/wiki/administrators-manual/index#top")]
    [InlineData("[x](../../reference/trust.md)", "/wiki/reference/trust")]
    public void A_link_between_files_is_a_link_between_pages(string markdown, string target)
        => Assert.Contains($"href=\"{target}\"", MarkdownRenderer.Render(markdown, "/wiki/administrators-manual/mail/queue"), StringComparison.Ordinal);

    [Fact]
    public void A_title_that_the_text_repeats_is_shown_once()
    {
        Assert.Equal("\nWords.\n", PageText.Read("---\nid: a\ntitle: A day\n---\n\n# A day\n\nWords.\n", "a").Markdown[1..]);
        Assert.Contains("# Another", PageText.Read("---\nid: a\ntitle: A day\n---\n\n# Another\n", "a").Markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deep_nesting_shows_its_source_and_takes_no_time()
    {
        var deep = string.Concat(Enumerable.Repeat("> ", 10_000)) + "x";
        var html = await new MarkdownRenderer().ToHtmlAsync("0", deep, Section.All[0], "index", CancellationToken.None);
        Assert.NotNull(html);
    }
}
