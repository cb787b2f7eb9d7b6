using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Mithi.Testing;
using Xunit;

namespace Mithi.Browser.Tests;

/// <summary>Debian's own Chromium, without a screen.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Program = "/usr/bin/chromium";

    private readonly IPlaywright playwright;
    private readonly IBrowser browser;

    private Chromium(IPlaywright playwright, IBrowser browser) => (this.playwright, this.browser) = (playwright, browser);

    public static async Task<Chromium> StartAsync()
    {
        Assert.True(File.Exists(Program), "Chromium is missing. Install the Debian package: chromium");
        var playwright = await Playwright.CreateAsync();
        return new(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = ["--no-sandbox"] }));
    }

    /// <summary>The house under a name: passkeys are bound to names, not to addresses.</summary>
    public static string UrlOf(TestAppliance house) => $"http://localhost:{house.Url.Port}";

    /// <param name="session">The secret of a session, to be signed in with.</param>
    public async Task<IPage> PageAsync(TestAppliance house, string? session = null, int width = 1280, bool dark = false, bool scripts = true)
    {
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = UrlOf(house), ViewportSize = new() { Width = width, Height = 900 }, JavaScriptEnabled = scripts,
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce,
        });
        if (session is not null) await context.AddCookiesAsync([new() { Name = "mithi", Value = session, Url = UrlOf(house) }]);
        return await context.NewPageAsync();
    }

    /// <summary>Looks at a page wide and narrow, light and dark: nothing that axe objects to, nothing that scrolls sideways.</summary>
    /// <remarks>With MITHI_SCREENSHOTS set, a picture of each is put into that folder for people to look at.</remarks>
    public async Task LookAsync(TestAppliance house, string? session, string path, string name)
    {
        foreach (var (width, dark) in new[] { (1280, false), (1280, true), (390, false), (390, true) })
        {
            var page = await PageAsync(house, session, width, dark);
            var answer = await page.GotoAsync(path);
            Assert.True(answer!.Ok || answer.Status is 410 or 404, $"{path}: {answer.Status}");
            if (Environment.GetEnvironmentVariable("MITHI_SCREENSHOTS") is { Length: > 0 } folder)
                await page.ScreenshotAsync(new() { Path = Path.Join(folder, $"{name}-{width}-{(dark ? "dark" : "light")}.png"), FullPage = true });
            var sideways = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            Assert.True(sideways <= 0, $"{path} scrolls sideways by {sideways} pixels at a width of {width}.");
            var found = (await page.RunAxe()).Violations;
            Assert.True(found.Length == 0, $"{path} at {width}, {(dark ? "dark" : "light")}: "
                + string.Join("; ", found.Select(v => $"{v.Id}: {v.Help} ({v.Nodes[0].Html})")));
            await page.Context.CloseAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
