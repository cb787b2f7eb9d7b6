using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Browser.Tests.People;

public sealed class WayInTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_whole_way_in_works_by_keyboard_and_without_scripts()
    {
        await using var house = await TestAppliance.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var page = await chromium.PageAsync(house, scripts: false);
        await page.GotoAsync(new Uri((await house.Get<FirstRun>().LinkAsync(Chromium.UrlOf(house), Ct))!).AbsolutePath);
        await page.Keyboard.TypeAsync("Mithi Software");        // the first field has the focus
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        foreach (var text in new[] { "Asha Rao", "asha@mithi.test", "correct horse battery", "correct horse battery" })
        {
            await page.Keyboard.TypeAsync(text);
            await page.Keyboard.PressAsync("Tab");
        }
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/");
        await page.ClickAsync("text=Sign out");
        await page.GotoAsync("/profile");
        await page.Keyboard.TypeAsync("asha@mithi.test");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("correct horse battery");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/profile");
    }
}
