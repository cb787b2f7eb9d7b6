using Microsoft.Playwright;
using Mithi.Browser.Tests.Looks;

namespace Mithi.Browser.Tests;

/// <summary>The triage path by single keys.</summary>
public sealed class KeysTests(SampleHouse house) : IClassFixture<SampleHouse>
{
    [Fact]
    public async Task From_the_list_to_the_next_ticket_without_a_mouse()
    {
        using (var hand = house.Hand(Reader.L1))
        using (await hand.PostAsync("/helpdesk/answers/new", new Dictionary<string, string> { ["name"] = "We look into it", ["body"] = "Good day {{requester.name}}, we look into #{{ticket.number}}." })) { }
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(house.House, house.Session(Reader.L1));
        await page.GotoAsync("/tickets");
        var titles = await page.Locator("#list [data-ticket] th a").AllTextContentsAsync();

        // One that she has to take first.
        var others = await page.Locator("#list [data-ticket]").EvaluateAllAsync<int[]>("rows => rows.map((row, i) => row.textContent.includes('Asha') ? -1 : i).filter(i => i >= 0)");
        var at = others[0];
        await KeysAsync(page, [.. Enumerable.Repeat("j", at + 2), "k"]);
        Assert.Equal(titles[at], await page.EvaluateAsync<string>("document.activeElement.textContent"));
        await Tour.ArriveAsync(page, () => page.Keyboard.PressAsync("o"));
        var first = page.Url;
        await Tour.ArriveAsync(page, () => page.Keyboard.PressAsync("a"));
        await Assertions.Expect(page.Locator("aside dd", new() { HasText = "Asha" }).First).ToBeVisibleAsync();

        await KeysAsync(page, "c");
        await page.Keyboard.TypeAsync("We");                     // the list's own way to choose
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        var body = page.Locator("#reply textarea");
        await Assertions.Expect(body).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("^Good day .+, we look into #[0-9]+\\.$"));
        await Assertions.Expect(body).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(" juno]?");                // letters, no keys
        await Assertions.Expect(body).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("juno\\]\\?$"));
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator("#reply button:not([name])")).ToBeFocusedAsync();
        await Tour.ArriveAsync(page, () => page.Keyboard.PressAsync("Enter"));
        await Assertions.Expect(page.Locator(".message.staff .body").Last).ToContainTextAsync("we look into");
        Assert.StartsWith(first, page.Url, StringComparison.Ordinal);

        await Tour.ArriveAsync(page, () => page.Keyboard.PressAsync("]"));
        await Assertions.Expect(page.Locator("h1").First).ToHaveTextAsync(titles[at + 1]);
        await KeysAsync(page, "r");
        await Assertions.Expect(page.Locator("#reply textarea")).ToBeFocusedAsync();
        await KeysAsync(page, "Escape", "n");
        await Assertions.Expect(page.Locator("#note")).ToBeFocusedAsync();
        await KeysAsync(page, "Escape", "?");
        await Assertions.Expect(page.Locator("#keys")).ToBeVisibleAsync();
        await KeysAsync(page, "Escape", "s");
        await Assertions.Expect(page.Locator("#to")).ToBeFocusedAsync();
        await KeysAsync(page, "Escape");
        await Tour.ArriveAsync(page, () => page.Keyboard.PressAsync("u"));
        Assert.EndsWith("/tickets", page.Url, StringComparison.Ordinal);
        await KeysAsync(page, "/");
        await Assertions.Expect(page.Locator("#q")).ToBeFocusedAsync();
    }

    private static async Task KeysAsync(IPage page, params string[] keys)
    {
        foreach (var key in keys) await page.Keyboard.PressAsync(key);
    }
}
