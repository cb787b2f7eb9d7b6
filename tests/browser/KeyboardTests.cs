using Microsoft.Playwright;
using Mithi.Browser.Tests.Looks;

namespace Mithi.Browser.Tests;

/// <summary>An engineer's triage without a mouse, and without scripts.</summary>
public sealed class KeyboardTests(SampleHouse house) : IClassFixture<SampleHouse>
{
    private const int TabsMax = 80;

    [Fact]
    public async Task A_ticket_is_found_answered_and_moved_on_by_the_keyboard_alone()
    {
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(house.House, house.Session(Reader.L1));
        await page.GotoAsync("/");

        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await FocusedAsync(page));
        await SeenAsync(page);
        await GoAsync(page, "Tickets", "main a");       // the start page's own tile, which the link leads past the menu to

        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");        // skip the menu
        Assert.Equal("main", await page.EvaluateAsync<string>("document.activeElement.id"));
        await GoAsync(page, "Old server still receives some mail", "a");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Old server still receives some mail");

        await TabToAsync(page, "#reply textarea");
        await page.Keyboard.TypeAsync("Which senders are they? Please send one of their mails with all its headers.");
        await TabToAsync(page, "#then");
        await page.Keyboard.PressAsync("w");             // the first of the list that begins so
        await TabToAsync(page, "#reply button:not([name])");
        await Tour.ArriveAsync(page, () => page.Keyboard.PressAsync("Enter"));

        await Assertions.Expect(page.Locator(".message.staff .body").Last).ToContainTextAsync("Which senders are they?");
        await Assertions.Expect(page.Locator(".badge", new() { HasText = "Waiting for customer" }).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_ticket_is_found_answered_and_handed_over_without_scripts()
    {
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(house.House, house.Session(Reader.L1), scripts: false);
        await page.GotoAsync("/tickets");
        await page.SelectOptionAsync("#priority", "P4");
        await page.ClickAsync("main form button");
        await page.WaitForURLAsync("**priority=P4*");
        await page.ClickAsync("text=Password rules for the auditors");
        await page.FillAsync("#reply textarea", "At least ten characters; after five wrong ones it is locked for a while.");
        await page.ClickAsync("#reply button:not([name])");
        await page.WaitForURLAsync("**/tickets/*#m*");   // where the answer stands
        await Assertions.Expect(page.Locator(".message.staff .body").Last).ToContainTextAsync("At least ten characters");
        await page.SelectOptionAsync("#level", "L2");
        await page.ClickAsync("form[action$='/hand-over'] button");
        await page.FillAsync("#reason", "The auditors want it in writing, from us.");
        await page.CheckAsync("#given-0");
        await page.FillAsync("#words-1", "Nothing can be tried.");
        await page.FillAsync("#words-2", "There is none for a question.");
        await page.ClickAsync("form[action$='/level'] button");
        await Assertions.Expect(page.Locator(".event").Last).ToContainTextAsync("L1 → L2");
    }

    [Fact]
    public async Task Every_stop_of_the_keyboard_on_a_tickets_page_can_be_seen_and_has_a_name()
    {
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(house.House, house.Session(Reader.L1));
        await page.GotoAsync("/tickets/1");
        var stops = 0;
        for (; stops < TabsMax; stops++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<bool>("document.activeElement === document.body")) break;
            await SeenAsync(page);
        }
        Assert.InRange(stops, 20, TabsMax - 1);          // it ends: there is no trap
    }

    private static async Task GoAsync(IPage page, string text, string selector)
    {
        await TabToAsync(page, selector, text);
        await Tour.ArriveAsync(page, () => page.Keyboard.PressAsync("Enter"));
    }

    /// <summary>Tabs on until the focus is there; on the way and there it can be seen.</summary>
    private static async Task TabToAsync(IPage page, string selector, string text = "")
    {
        for (var tabs = 0; tabs < TabsMax; tabs++)
        {
            await page.Keyboard.PressAsync("Tab");
            await SeenAsync(page);
            var there = await page.EvaluateAsync<bool>("([selector, text]) => document.activeElement.matches(selector) && document.activeElement.textContent.includes(text)",
                new[] { selector, text });
            if (there) return;
        }
        Assert.Fail($"{TabsMax} tabs do not lead to {selector} {text} on {page.Url}.");
    }

    // An outline, inside the window, on something that a screen reader can name.
    private static async Task SeenAsync(IPage page)
    {
        var fault = await page.EvaluateAsync<string>("""
            () => {
              const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
              const name = at.ariaLabel || at.textContent.trim() || at.labels?.[0]?.textContent || at.title || at.alt
                || [...at.querySelectorAll('img')].map(i => i.alt).join('');
              if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return 'no outline: ' + at.outerHTML.slice(0, 200);
              if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) return 'outside the window: ' + at.outerHTML.slice(0, 200);
              return name ? '' : 'no name: ' + at.outerHTML.slice(0, 200);
            }
            """);
        Assert.Equal("", fault);
    }

    private static Task<string> FocusedAsync(IPage page) => page.EvaluateAsync<string>("document.activeElement.textContent.trim()");
}
