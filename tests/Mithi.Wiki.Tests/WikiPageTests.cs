using System.Net;
using System.Text.RegularExpressions;
using Mithi.Cli;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Wiki.Tests;

public sealed partial class WikiPageTests
{
    [Fact]
    public async Task An_edit_is_a_commit_that_git_itself_shows()
    {
        await using var house = await TestAppliance.StartAsync();
        using var engineer = await EngineerAsync(house);
        await AddAsync(engineer, "how-to/restart", "---\nid: restart\ntitle: Restart\n---\n\nFirst words.\n");
        using var saved = await SaveAsync(engineer, "how-to/restart", "---\nid: restart\ntitle: Restart\n---\n\nBetter words.\n", "Say it better");
        Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);

        var repository = Path.Join(house.Folder.Wiki, "service-manual.git");
        var log = await GitAsync(repository, "log", "--format=%an|%s", "-1", "main");
        Assert.Equal("A SupportL1|Say it better", log.Trim());
        Assert.Contains("Better words.", await GitAsync(repository, "show", "main:how-to/restart.md"), StringComparison.Ordinal);
        await GitAsync(repository, "fsck", "--strict");

        Assert.Contains("Better words.", await engineer.PageAsync("/wiki/service-manual/how-to/restart"), StringComparison.Ordinal);
        var history = await engineer.PageAsync("/wiki/history/service-manual/how-to/restart");
        Assert.Contains("Say it better", history, StringComparison.Ordinal);
        var difference = await engineer.PageAsync(DiffLink().Match(history).Groups[1].Value);
        Assert.Contains("<strong>Better</strong>", difference, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_of_two_editors_overwrites_nothing_and_loses_nothing()
    {
        await using var house = await TestAppliance.StartAsync();
        using var engineer = await EngineerAsync(house);
        await AddAsync(engineer, "shared", "Text of the first day.\n");
        var old = BaseOf(await engineer.PageAsync("/wiki/edit/service-manual/shared"));
        using var first = await SaveAsync(engineer, "shared", "Text of the first editor.\n", "");

        using var second = await engineer.PostAsync("/wiki/edit/service-manual/shared",
            new Dictionary<string, string> { ["body"] = "Text of the second editor.\n", ["summary"] = "", ["base"] = old });
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        var page = await second.Content.ReadAsStringAsync();
        Assert.Contains("Text of the second editor.", page, StringComparison.Ordinal);
        Assert.Contains("Text of the first editor.", await engineer.PageAsync("/wiki/service-manual/shared"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_whose_rows_were_lost_is_indexed_at_the_next_save()
    {
        await using var house = await TestAppliance.StartAsync();
        using var engineer = await EngineerAsync(house);
        await AddAsync(engineer, "one", "One.\n");
        var section = Section.All.Single(s => s.Slug == "service-manual");
        await house.Get<Git.Repositories>().WithAsync(section, git => git.Commit(
            [new(PagePath.Parse("lost")!.Value, "", "Lost and found.\n"u8.ToArray())], "Git", "git@example.test", "From a client", house.Now),
            CancellationToken.None);
        await AddAsync(engineer, "two", "Two.\n");
        Assert.Contains("Lost and found.", await engineer.PageAsync("/wiki/service-manual/lost"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_once_in_a_manual_and_who_wrote_it_is_not_for_everybody()
    {
        await using var house = await TestAppliance.StartAsync();
        using var engineer = await EngineerAsync(house);
        using (var added = await engineer.PostAsync("/wiki/new/reference", new Dictionary<string, string>
            { ["path"] = "past", ["body"] = "---\nid: past\ntitle: Past\n---\n\nNow.\n", ["summary"] = "Begin", ["base"] = "" }))
            Assert.Equal(HttpStatusCode.SeeOther, added.StatusCode);
        var history = await engineer.PageAsync("/wiki/history/reference/past");
        Assert.Contains("A SupportL1", history, StringComparison.Ordinal);
        Assert.Contains("A SupportL1", await engineer.PageAsync("/wiki/reference/past"), StringComparison.Ordinal);
        var difference = DiffLink().Match(history).Groups[1].Value;

        using var visitor = house.Browser();
        var shown = await visitor.PageAsync("/wiki/reference/past");
        Assert.DoesNotContain("A SupportL1", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("/wiki/history", shown, StringComparison.Ordinal);
        foreach (var path in new[] { "/wiki/history/reference/past", difference })
        {
            using var answer = await visitor.GetAsync(path);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        }
        using var reader = await house.SignInAsync(Role.CustomerUser, await house.OrganisationAsync("Customer", "A customer"));
        foreach (var path in new[] { "/wiki/reference/past", "/wiki/history/reference/past", difference })
            Assert.DoesNotContain("A SupportL1", await reader.PageAsync(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_service_manual_does_not_exist_for_customers()
    {
        await using var house = await TestAppliance.StartAsync();
        using var engineer = await EngineerAsync(house);
        await AddAsync(engineer, "canary", "---\nid: canary\ntitle: Kanarienvogel\n---\n\nKanarienvogel.\n");
        var customer = await house.OrganisationAsync("Customer", "A customer");
        using var reader = await house.SignInAsync(Role.CustomerAdministrator, customer);
        foreach (var path in new[] { "/wiki/service-manual", "/wiki/service-manual/canary", "/wiki/history/service-manual/canary" })
        {
            using var answer = await reader.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.DoesNotContain("Kanarienvogel", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.DoesNotContain("service-manual", await reader.PageAsync("/wiki"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("a/../../b")]
    [InlineData(".git/config")]
    [InlineData("Upper")]
    [InlineData("con")]
    [InlineData("a//b")]
    [InlineData("a/b.md")]
    [InlineData("a/b/c/d/e/f/g/h/i")]
    [InlineData("")]
    public async Task A_path_that_leads_elsewhere_is_refused_with_what_was_typed(string path)
    {
        await using var house = await TestAppliance.StartAsync();
        using var engineer = await EngineerAsync(house);
        using var answer = await engineer.PostAsync("/wiki/new/service-manual",
            new Dictionary<string, string> { ["path"] = path, ["body"] = "My careful words.\n", ["summary"] = "", ["base"] = "" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("My careful words.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_not_text_is_not_understood()
    {
        await using var house = await TestAppliance.StartAsync();
        using var engineer = await EngineerAsync(house);
        using var answer = await engineer.PostAsync("/wiki/new/service-manual",
            new Dictionary<string, string> { ["path"] = "a\0b", ["body"] = "x" });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static async Task<TestBrowser> EngineerAsync(TestAppliance house)
        => await house.SignInAsync(Role.SupportL1, await house.OrganisationAsync("Vendor", "Vendor"));

    private static async Task AddAsync(TestBrowser browser, string path, string body)
    {
        using var answer = await browser.PostAsync("/wiki/new/service-manual",
            new Dictionary<string, string> { ["path"] = path, ["body"] = body, ["summary"] = "", ["base"] = "" });
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> SaveAsync(TestBrowser browser, string path, string body, string summary)
    {
        var shown = BaseOf(await browser.PageAsync($"/wiki/edit/service-manual/{path}"));
        return await browser.PostAsync($"/wiki/edit/service-manual/{path}",
            new Dictionary<string, string> { ["body"] = body, ["summary"] = summary, ["base"] = shown });
    }

    private static string BaseOf(string page) => Base().Match(page).Groups[1].Value;

    private static Task<string> GitAsync(string repository, params string[] arguments)
        => Proc.OutputAsync("git", ["-c", "safe.directory=*", "-C", repository, .. arguments], new() { DebianPackage = "git" });

    [GeneratedRegex("name=\"base\" value=\"([0-9a-f]{40})\"")]
    private static partial Regex Base();

    [GeneratedRegex("href=\"(/wiki/diff/[^\"]+)\"")]
    private static partial Regex DiffLink();
}
