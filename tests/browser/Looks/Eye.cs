using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Mithi.Testing;

namespace Mithi.Browser.Tests.Looks;

/// <summary>Looks at pages wide and narrow, light and dark. It keeps a browser for each reader: a new one costs more than a look.</summary>
/// <remarks>With MITHI_SCREENSHOTS set, a picture of each is put into that folder for people to look at.</remarks>
internal sealed class Eye(Chromium chromium, TestAppliance house, string language = "en")
{
    private static readonly (int Width, ColorScheme Scheme)[] Variants =
        [(1280, ColorScheme.Light), (1280, ColorScheme.Dark), (390, ColorScheme.Light), (390, ColorScheme.Dark)];

    // The page's HTML is the same at every width and in every scheme: what depends on them is looked at each time, the rest twice.
    private static readonly AxeRunOptions OnlyLayout = new()
    {
        RunOnly = new() { Type = "rule", Values = ["color-contrast", "scrollable-region-focusable", "target-size", "link-in-text-block"] },
    };

    // Words that are the same in every language: names of formats and of things of the field.
    private static readonly string[] International = ["SHA-256", "CSV", "DHCP", "API", "URL", "P1", "P2", "P3", "P4", "L1", "L2", "L3", ".eml", "IMAP", "SMTP"];

    // An empty choice that a browser does not let pass, although it is no request to choose: the form can't be sent as it is shown.
    private const string Unsendable = """
        () => [...document.querySelectorAll('select[required]')].filter(s => s.value === '' && !['Choose', 'चुनें'].includes(s.selectedOptions[0]?.text))
            .map(s => `${location.pathname}: the choice ${s.id} can't be left as it is shown`)
        """;

    private readonly Dictionary<string, IPage> pages = [];

    /// <summary>What is wrong with a page: what axe objects to, scrolling sideways, English among another language's words.</summary>
    /// <param name="session">Its reader's session; null for the public.</param>
    public async Task<IReadOnlyList<string>> LookAsync(Look look, string? session)
    {
        var page = await PageAsync(session);
        await page.SetViewportSizeAsync(1280, 900);
        var answer = await page.GotoAsync(look.Path);
        if (answer!.Status != look.Status) return [$"{look.Name}: {look.Path} answered {answer.Status}"];
        if (look.Then is { } then) await then(page);
        return await ExamineAsync(page, look.Name);
    }

    public async Task<IReadOnlyList<string>> ExamineAsync(IPage page, string name)
    {
        var faults = new List<string>();
        foreach (var (width, scheme) in Variants)
        {
            // Wide and light, narrow and dark have all of the four in them; the original is looked at in all.
            if (language != "en" && width == 1280 != (scheme == ColorScheme.Light)) continue;
            await page.SetViewportSizeAsync(width, 900);
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await PictureAsync(page, $"{name}-{language}-{width}-{(scheme == ColorScheme.Dark ? "dark" : "light")}");
            var sideways = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            if (sideways > 0) faults.Add($"{name} scrolls sideways by {sideways} pixels at a width of {width}.");
            var whole = width == 1280 == (scheme == ColorScheme.Light);
            faults.AddRange(await page.EvaluateAsync<string[]>(Unsendable));
            faults.AddRange((await page.RunAxe(whole ? null : OnlyLayout)).Violations.Select(v => $"{name} at {width}, {scheme}: {v.Id}: {v.Help} ({v.Nodes[0].Html})"));
        }
        if (language != "en") faults.AddRange(await EnglishAsync(page, name));
        return faults;
    }

    public async Task<IPage> PageAsync(string? session)
    {
        if (!pages.TryGetValue(session ?? "", out var page)) pages[session ?? ""] = page = await chromium.PageAsync(house, session, language: language);
        return page;
    }

    private static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("MITHI_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Join(folder, $"{name}.png"), FullPage = true });
    }

    // Our own words are in labels, headings, buttons and badges; what people wrote is elsewhere and stays as it is.
    private static async Task<IReadOnlyList<string>> EnglishAsync(IPage page, string name)
    {
        var texts = await page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll('h2, h3, label, legend, button, .button, thead th, dt, .badge, .empty, .hint, summary, nav a, title')]
                .filter(e => e.closest('[lang]').lang !== 'en' && !e.closest('.message .body') && e.checkVisibility() && !e.querySelector('code, time'))
                .map(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(' ').trim())
            """);
        return [.. texts.Where(t => t.Length > 2 && t.Any(char.IsAsciiLetter) && t.All(c => c < 0x300) && !International.Contains(t) && !Allowed(t))
            .Distinct().Select(t => $"{name}: {t}")];
    }

    // Versions, sizes, numbers, addresses, and names that people gave.
    private static bool Allowed(string text) => SampleHouse.Names.Contains(text) || text.Any(char.IsAsciiDigit) || text.Contains('@', StringComparison.Ordinal)
        || text.StartsWith('/') || text.Contains("::", StringComparison.Ordinal);
}
