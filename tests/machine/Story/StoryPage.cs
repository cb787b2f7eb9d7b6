using System.Text.RegularExpressions;
using Xunit;

namespace Mithi.Machine.Tests.Story;

/// <summary>What the engineer writes into the service manual: a page, and later what became of the fault.</summary>
internal sealed class StoryPage(StoryNode node, StoryPeople people, string ticket)
{
    private const string Section = "service-manual";
    private const string At = $"{Section}/known-faults/large-mails";
    private const string File = "known-faults/large-mails.md";

    /// <summary>A new page is a commit of its writer's in the bare repository, and no customer's business.</summary>
    public async Task WriteAsync(CancellationToken ct)
    {
        await StoryPeople.SendAsync(people.Asha, $"/wiki/new/{Section}", new Dictionary<string, string>
        {
            ["path"] = "known-faults/large-mails", ["summary"] = "What we know so far", ["body"] = Body("No patch yet."),
        });
        Assert.Equal(["Asha Rao: What we know so far"], await LogAsync(ct));
        using var refused = await people.Meera.GetAsync($"/wiki/{At}");
        Assert.Equal(404, (int)refused.StatusCode);
    }

    /// <summary>An edit is the next commit; history and difference show it to people, git to git people.</summary>
    public async Task EditAsync(string version, CancellationToken ct)
    {
        await StoryPeople.SendAsync(people.Asha, $"/wiki/edit/{At}", new Dictionary<string, string>
        {
            ["summary"] = "The patch is out", ["body"] = Body($"Apply {version}."),
        });
        Assert.Equal(["Asha Rao: The patch is out", "Asha Rao: What we know so far"], await LogAsync(ct));
        Assert.Contains($"Apply {version}.", await node.GitAsync(Section, ct, "show", $"HEAD:{File}"), StringComparison.Ordinal);

        var newest = (await node.GitAsync(Section, ct, "rev-parse", "HEAD")).Trim();
        var history = await people.Asha.PageAsync($"/wiki/history/{At}");
        Assert.Contains("What we know so far", history, StringComparison.Ordinal);
        Assert.Contains($"<a href=\"/wiki/diff/{newest}/{At}\">The patch is out</a>", history, StringComparison.Ordinal);
        var lines = Regex.Matches(await people.Asha.PageAsync($"/wiki/diff/{newest}/{At}"), "<tr class=\"(added|removed)\">.*?</tr>", RegexOptions.Singleline)
            .Select(m => Regex.Replace(m.Value, "<[^>]+>", "")).ToArray();
        Assert.Equal(2, lines.Length);
        Assert.Contains(lines, l => l.Contains("No patch yet.", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains($"Apply {version}.", StringComparison.Ordinal));
    }

    private string Body(string remedy)
        => $"---\nid: large-mails\ntitle: Large mails are refused\n---\n\nSeen in #{ticket} with 1.0.0-sp1.\n\n{remedy}\n";

    private async Task<string[]> LogAsync(CancellationToken ct)
        => (await node.GitAsync(Section, ct, "log", "--format=%an: %s", "--", File)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
