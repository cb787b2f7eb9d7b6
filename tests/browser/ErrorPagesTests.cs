using Mithi.Browser.Tests.Looks;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;

namespace Mithi.Browser.Tests;

/// <summary>Pages that say what went wrong, each brought about by what brings it about in the field.</summary>
public sealed class ErrorPagesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_error_page_says_what_happened_and_what_to_do_next()
    {
        await using var house = await TestAppliance.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var vendor = await house.OrganisationAsync("Vendor", "Mithi");
        var added = (PersonResult.Saved)await house.Get<PersonStore>().AddAsync(new(vendor, Role.Administrator, "Nandini Deshpande", "nandini@mithi.example"), house.Now, Ct);
        var session = (await house.Get<SessionStore>().StartAsync(added.Id, "Firefox", "203.0.113.7", house.Now, Ct)).Secret;
        await house.Db.WriteAsync(tx => tx.ExecuteAsync("drop table audit"), Ct);      // a fault of ours: a page that cannot be made
        using var temp = new TempFolder();
        var large = temp.File("large.log");
        await using (var file = File.Create(large)) file.SetLength(40 << 20);
        foreach (var language in new[] { "en", "hi" })
        {
            var eye = new Eye(chromium, house, language);
            Assert.Empty(await eye.LookAsync(new("error-missing", Reader.Administrator, "/nowhere") { Status = 404 }, session));
            Assert.Empty(await eye.LookAsync(new("error-missing-public", Reader.Nobody, "/nowhere") { Status = 404 }, null));
            Assert.Empty(await eye.LookAsync(new("error-fault", Reader.Administrator, "/audit") { Status = 500 }, session));
            Assert.Empty(await eye.LookAsync(new("error-forged", Reader.Nobody, "/forgotten")
            {
                Then = async page =>
                {
                    await page.EvaluateAsync("() => document.querySelector('form.sheet [name=_forgery]').value = 'made up'");
                    await Tour.FillAsync(page, "form.sheet", ("#email", "asha@mithi.example"));
                    await Microsoft.Playwright.Assertions.Expect(page.Locator("h1")).ToHaveTextAsync(language == "en" ? "Not understood" : "समझ में नहीं आया");
                },
            }, null));
            Assert.Empty(await eye.LookAsync(new("error-too-large", Reader.Administrator, "/tickets/new")
            {
                Then = async page =>
                {
                    await page.SetInputFilesAsync("#files", large);
                    await Tour.FillAsync(page, "main form", ("#subject", "Too much"));
                    await Microsoft.Playwright.Assertions.Expect(page.Locator("h1")).ToHaveTextAsync(language == "en" ? "Too large" : "बहुत बड़ा");
                },
            }, session));
        }
    }
}
