using Microsoft.Playwright;
using Mithi.Testing;
using Xunit;

namespace Mithi.Browser.Tests;

/// <summary>Debian's own Chromium, without a screen.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Program = "/usr/bin/chromium";

    // A bound on a fault, not a wait: on a busy machine a page that is on its way takes longer than Playwright's five seconds.
    private const float PatienceMilliseconds = 30_000;

    private readonly IPlaywright playwright;
    private readonly IBrowser browser;

    private Chromium(IPlaywright playwright, IBrowser browser) => (this.playwright, this.browser) = (playwright, browser);

    public static async Task<Chromium> StartAsync()
    {
        Assert.True(File.Exists(Program), "Chromium is missing. Install the Debian package: chromium");
        var playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(PatienceMilliseconds);
        return new(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = ["--no-sandbox"] }));
    }

    /// <summary>The house under a name: passkeys are bound to names, not to addresses.</summary>
    public static string UrlOf(TestAppliance house) => $"{house.Url.Scheme}://localhost:{house.Url.Port}";

    /// <param name="session">The secret of a session, to be signed in with.</param>
    /// <param name="language">What the browser asks for.</param>
    public async Task<IPage> PageAsync(TestAppliance house, string? session = null, bool scripts = true, string language = "en")
    {
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = UrlOf(house), ViewportSize = new() { Width = 1280, Height = 900 }, JavaScriptEnabled = scripts, Locale = language,
            TimezoneId = "Asia/Kolkata", ReducedMotion = ReducedMotion.Reduce, IgnoreHTTPSErrors = true,
        });
        var cookie = house.Url.Scheme == "https" ? "__Host-mithi" : "mithi";
        if (session is not null) await context.AddCookiesAsync([new() { Name = cookie, Value = session, Url = UrlOf(house), Secure = house.Url.Scheme == "https" }]);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
