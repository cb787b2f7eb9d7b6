using Microsoft.Playwright;
using Mithi.Browser.Tests.Looks;

namespace Mithi.Browser.Tests;

/// <summary>Two at one ticket, and a tab that dies.</summary>
public sealed class TwoAgentsTests(SampleHouse house) : IClassFixture<SampleHouse>
{
    [Fact]
    public async Task Two_agents_see_each_other_read_and_write_and_go()
    {
        await using var chromium = await Chromium.StartAsync();
        var first = await chromium.PageAsync(house.House, house.Session(Reader.L1));
        var second = await chromium.PageAsync(house.House, house.Session(Reader.L2));
        await first.GotoAsync("/tickets/3");
        await Assertions.Expect(first.Locator("#presence")).ToBeEmptyAsync();
        await second.GotoAsync("/tickets/3");

        await Assertions.Expect(first.Locator("#presence")).ToContainTextAsync("Reading this now: Vikram");
        await Assertions.Expect(second.Locator("#presence")).ToContainTextAsync("Reading this now: Asha");
        await second.Locator("#reply textarea").PressSequentiallyAsync("Have you");
        await Assertions.Expect(first.Locator("#presence")).ToContainTextAsync("Writing here now: Vikram");
        await second.GotoAsync("/tickets");
        await Assertions.Expect(first.Locator("#presence")).ToBeEmptyAsync();
    }

    [Fact]
    public async Task A_tab_that_is_killed_has_lost_nothing_that_was_kept()
    {
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(house.House, house.Session(Reader.L1));
        await page.GotoAsync("/tickets/4");
        const string typed = "The log says that the disk was full at 04:10, so";
        await page.Locator("#reply textarea").PressSequentiallyAsync(typed);
        await Assertions.Expect(page.Locator("#reply [data-draft-state]")).ToHaveTextAsync("Draft kept.");
        // A browser's process that is killed sends nothing more.
        var session = await page.Context.NewCDPSessionAsync(page);
        _ = session.SendAsync("Page.crash").ContinueWith(crash => crash.Exception, TaskScheduler.Default);

        // Without scripts, too.
        var again = await chromium.PageAsync(house.House, house.Session(Reader.L1), scripts: false);
        await again.GotoAsync("/tickets/4");
        await Assertions.Expect(again.Locator("#reply textarea")).ToHaveValueAsync(typed);
        await again.ClickAsync("#reply button:not([name])");
        await again.WaitForURLAsync("**/tickets/4#m*");
        await Assertions.Expect(again.Locator("#reply textarea")).ToHaveValueAsync("");
        await Assertions.Expect(again.Locator(".message.staff .body").Last).ToContainTextAsync(typed);

        await again.FillAsync("#reply textarea", "Kept by hand");
        await again.ClickAsync("text=Keep as a draft");
        await Assertions.Expect(again.Locator("#reply textarea")).ToHaveValueAsync("Kept by hand");
        await again.ClickAsync("text=Discard the draft");
        await Assertions.Expect(again.Locator("#reply textarea")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task A_page_that_is_left_in_the_middle_of_a_word_keeps_it()
    {
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(house.House, house.Session(Reader.L2));
        await page.GotoAsync("/tickets/4");
        await page.ClickAsync("details.note > summary");
        await page.FillAsync("#note", "Ask the cust");
        await page.GotoAsync("/tickets");
        // What a page sends while it goes and what the next one asks for are under way together.
        for (var looks = 0; looks < 50; looks++)
        {
            await page.GotoAsync("/tickets/4");
            if (await page.InputValueAsync("#note") != "") break;
        }
        await Assertions.Expect(page.Locator("#note")).ToHaveValueAsync("Ask the cust");
        await Assertions.Expect(page.Locator("#note")).ToBeVisibleAsync();
    }
}
