using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Mithi.Testing;
using Xunit;

namespace Mithi.Machine.Tests.Story;

/// <summary>The download centre: everybody sees what there is, the entitled get it, and nobody else gets a byte.</summary>
internal static class StoryDownloads
{
    private const string Page = $"/downloads/{StoryReleases.Product}";
    private const string Patch = $"{Page}/{StoryReleases.Patch}/{StoryReleases.PatchName}";

    // What every archive begins with: zstd's magic number.
    private static readonly byte[] Beginning = [0x28, 0xb5, 0x2f, 0xfd];

    public static async Task ShowEveryVersionAsync(StoryPeople people, string ticket)
    {
        var page = await people.Meera.PageAsync(Page);
        foreach (var version in new[] { "1.0.0", "1.0.0-sp1", StoryReleases.Patch })
            Assert.Contains($"id=\"v-{version}\"", page, StringComparison.Ordinal);
        Assert.Matches($"""id="v-{Regex.Escape(StoryReleases.Patch)}"[\s\S]*?<dt>Fixes</dt><dd><a href="/tickets/{ticket}" """, page);
        Assert.Contains($"href=\"{Patch}\"", page, StringComparison.Ordinal);

        var strange = await people.Suresh.PageAsync(Page);
        Assert.Contains($"id=\"v-{StoryReleases.Patch}\"", strange, StringComparison.Ordinal);
        Assert.Contains("Your subscription does not include this version.", strange, StringComparison.Ordinal);
        Assert.DoesNotContain(".tar.zst\"", strange, StringComparison.Ordinal);
        Assert.DoesNotContain("Large mails are refused", strange, StringComparison.Ordinal);
    }

    public static async Task ServeTheEntitledAsync(StoryPeople people, string digest, CancellationToken ct)
    {
        Assert.Contains(digest, await people.Meera.PageAsync(Page), StringComparison.Ordinal);
        // The partner who serves the customer may fetch it for him.
        foreach (var who in new[] { people.Meera, people.Farida })
        {
            await using var stream = await who.Http.GetStreamAsync(Patch, ct);
            Assert.Equal(digest, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct)));
        }
    }

    public static async Task RefuseTheOthersAsync(StoryPeople people, string digest)
    {
        var target = $"/releases/targets/{StoryReleases.Product}/{StoryReleases.Patch}/{digest}.{StoryReleases.PatchName}";
        foreach (var (who, path, status) in new[]
        {
            (people.Suresh, Patch, 403), (people.Suresh, target, 403), (people.Nitin, Patch, 403),
            (people.Passer, Patch, 302), (people.Passer, target, 401), (people.Passer, Page, 302),
        })
            await RefusedAsync(who, path, status);
    }

    private static async Task RefusedAsync(TestBrowser who, string path, int status)
    {
        using var answer = await who.GetAsync(path);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.NotEqual("application/zstd", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(-1, (await answer.Content.ReadAsByteArrayAsync()).AsSpan().IndexOf(Beginning));
    }
}
