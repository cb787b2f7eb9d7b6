using Microsoft.Playwright;
using Mithi.Browser.Tests.Looks;

namespace Mithi.Browser.Tests;

/// <summary>Lists follow their filters while one types; the page stays where it is.</summary>
public sealed class LiveFilterTests(SampleHouse house) : IClassFixture<SampleHouse>
{
    [Theory]
    [InlineData("/tickets", "auditors", "Password rules for the auditors", "Old server still receives some mail")]
    [InlineData("/customers", "Konark", "Konark Textiles", "Nilgiri Tea Estates")]
    [InlineData("/people", "meera", "Meera Joshi", "asha@mithi.example")]
    [InlineData("/sites", "Pune", "Pune branch", "Head office")]
    public async Task A_list_follows_its_filter_while_it_is_typed(string path, string words, string stays, string goes)
    {
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(house.House, house.Session(Reader.Administrator));
        await page.GotoAsync(path);
        var list = page.Locator("#list");
        await Assertions.Expect(list).ToContainTextAsync(goes);
        await page.EvaluateAsync("window.sameDocument = true");

        await page.Locator("main form[role=search] input[name=q]").PressSequentiallyAsync(words);

        await Assertions.Expect(list).Not.ToContainTextAsync(goes);
        await Assertions.Expect(list).ToContainTextAsync(stays);
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));
        Assert.Contains($"q={words}", page.Url, StringComparison.Ordinal);     // so that it can be kept and sent
        Assert.Equal(words, await page.EvaluateAsync<string>("document.activeElement.value"));
    }
}
