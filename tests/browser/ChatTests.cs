using Microsoft.Playwright;
using Mithi.Browser.Tests.Looks;

namespace Mithi.Browser.Tests;

/// <summary>A customer and an engineer talk, each in a browser of his own.</summary>
public sealed class ChatTests(SampleHouse house) : IClassFixture<SampleHouse>
{
    [Fact]
    public async Task Two_browsers_talk_without_reading_a_page_again()
    {
        await using var chromium = await Chromium.StartAsync();
        var customer = await chromium.PageAsync(house.House, house.Session(Reader.CustomerAdministrator));
        var engineer = await chromium.PageAsync(house.House, house.Session(Reader.L1));
        foreach (var page in (IPage[])[customer, engineer])
        {
            await page.GotoAsync("/tickets/10");
            await page.EvaluateAsync("() => { window.isStillThere = true; }");
            await page.ClickAsync("#chat > summary");
        }
        await Assertions.Expect(engineer.Locator("[data-room]")).ToContainTextAsync("Meera");
        await Assertions.Expect(customer.Locator("[data-room]")).ToHaveTextAsync("Support is here.");

        await customer.FillAsync("#chat-line", "It is slow");
        await customer.PressAsync("#chat-line", "Shift+Enter");
        await customer.PressAsync("#chat-line", "a");
        await customer.PressAsync("#chat-line", "Enter");
        await Assertions.Expect(customer.Locator("#chat-line")).ToHaveValueAsync("");
        await Assertions.Expect(engineer.Locator(".message.chat .body").Last).ToContainTextAsync("It is slow");
        await engineer.FillAsync("#chat-line", "Since when?");
        await engineer.PressAsync("#chat-line", "Enter");
        await Assertions.Expect(customer.Locator(".message.chat .body").Last).ToContainTextAsync("Since when?");
        Assert.DoesNotContain("Asha", await customer.ContentAsync(), StringComparison.Ordinal);

        // A note in between is neither heard nor seen.
        await engineer.ClickAsync("details.note > summary");
        foreach (var page in (IPage[])[customer, engineer]) Assert.True(await page.EvaluateAsync<bool>("() => window.isStillThere"));
        var notes = await chromium.PageAsync(house.House, house.Session(Reader.L2));
        await notes.GotoAsync("/tickets/10");
        await notes.ClickAsync("details.note > summary");
        await notes.FillAsync("#note", "xylophone");
        await notes.ClickAsync("details.note button:has-text('Keep note')");
        await Assertions.Expect(engineer.Locator(".message.note .body").Last).ToContainTextAsync("xylophone");

        // Cards arrive live, and so does what became of them.
        using (var hand = house.Hand(Reader.L1))
        using (await hand.PostAsync("/tickets/10/runbooks", new Dictionary<string, string> { ["name"] = "runbooks/full-disk", ["step"] = "2" })) { }
        await Assertions.Expect(customer.Locator(".card")).ToHaveCountAsync(1);
        await Assertions.Expect(engineer.Locator(".card")).ToHaveCountAsync(1);
        await Assertions.Expect(engineer.Locator(".card form")).ToHaveCountAsync(0);
        await customer.ClickAsync(".card button[value=failed]");
        await Assertions.Expect(engineer.Locator(".card [data-mark]")).ToHaveTextAsync("failed");
        await Assertions.Expect(customer.Locator(".card [data-mark]")).ToHaveTextAsync("failed");
        await customer.ClickAsync(".card button[value=done]");
        await Assertions.Expect(engineer.Locator(".card [data-mark]")).ToHaveTextAsync("done");
        Assert.DoesNotContain("xylophone", await customer.ContentAsync(), StringComparison.Ordinal);
        Assert.True(await customer.EvaluateAsync<bool>("() => window.isStillThere"));

        await customer.GotoAsync("/tickets");
        await Assertions.Expect(engineer.Locator("[data-room]")).ToBeEmptyAsync();
    }

    [Fact]
    public async Task Without_scripts_a_line_is_a_form()
    {
        await using var chromium = await Chromium.StartAsync();
        var customer = await chromium.PageAsync(house.House, house.Session(Reader.CustomerAdministrator), scripts: false);
        await customer.GotoAsync("/tickets/6");
        await customer.ClickAsync("#chat > summary");
        await customer.FillAsync("#chat-line", "Plainly");
        await customer.ClickAsync("#chat button");
        await customer.WaitForURLAsync("**/tickets/6#chat");
        await Assertions.Expect(customer.Locator(".message.chat .body").Last).ToContainTextAsync("Plainly");
    }
}
