using System.Net;
using System.Text.Json;
using Mithi.Kernel.People;

namespace Mithi.Fleet.Tests;

public sealed class SheetTests
{
    [Theory]
    [InlineData("name", "")]
    [InlineData("host", "mail.example.org")]
    [InlineData("host", "-mail")]
    [InlineData("domain", "example")]
    [InlineData("domain", "exa mple.org")]
    [InlineData("domain", "example.org/../etc")]
    [InlineData("product", "../connect")]
    [InlineData("version", "latest")]
    [InlineData("os-version", "1.0")]
    [InlineData("zone", "Mars/Olympus")]
    [InlineData("language", "xx")]
    [InlineData("mailboxes", "asha, Asha Patil, short")]
    [InlineData("mailboxes", "asha, Asha Patil")]
    [InlineData("mailboxes", "asha@example.org, Asha, long-enough-password")]
    [InlineData("mailboxes", "asha, Asha, long-enough-password\nASHA, Asha, long-enough-password")]
    [InlineData("organisation", "0")]
    [InlineData("organisation", "4711")]
    public async Task A_wrong_field_is_named_and_what_was_typed_is_kept(string field, string value)
    {
        await using var house = await House.OpenAsync();
        var fields = house.Sheet();
        fields[field] = value;
        using var answer = await house.Engineer.PostAsync("/sites", fields, from: "/sites/new");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains($"id=\"{field}-error\"", page);
        Assert.Contains("+91 20 5550 1234", WebUtility.HtmlDecode(page));
    }

    [Fact]
    public async Task Passwords_leave_the_form_only_as_hashes()
    {
        await using var house = await House.OpenAsync();
        var site = await house.PlanAsync();
        var page = await house.Engineer.PageAsync($"/sites/{site}/sheet");
        Assert.Contains("asha, Asha Patil", page);
        Assert.DoesNotContain("first-password-1", page);
        Assert.DoesNotContain("$6$", page);
        var stored = await house.Node.Db.ReadAsync(tx => tx.QuerySingleAsync<string>("select sheet from site"), Device.Ct);
        Assert.DoesNotContain("first-password-1", stored);
    }

    [Fact]
    public async Task A_refused_form_does_not_send_passwords_back_and_says_so()
    {
        await using var house = await House.OpenAsync();
        var fields = house.Sheet();
        fields["domain"] = "example";
        using (var added = await house.Engineer.PostAsync("/sites", fields, from: "/sites/new")) await SaysAsync(added, HttpStatusCode.UnprocessableEntity);
        var site = await house.PlanAsync();
        using (var changed = await house.Engineer.PostAsync($"/sites/{site}/sheet", fields, from: "/sites/new"))
            await SaysAsync(changed, HttpStatusCode.UnprocessableEntity);
        using var stale = await house.Engineer.PostAsync($"/sites/{site}/sheet", house.Sheet(), from: "/sites/new");
        await SaysAsync(stale, HttpStatusCode.Conflict);

        static async Task SaysAsync(HttpResponseMessage answer, HttpStatusCode status)
        {
            Assert.Equal(status, answer.StatusCode);
            var page = await answer.Content.ReadAsStringAsync();
            Assert.Contains("asha, Asha Patil", page);
            Assert.DoesNotContain("first-password-1", page);
            Assert.DoesNotContain("password, 2", page);
            Assert.Contains("type the first passwords again", page);
        }
    }

    [Theory]
    [InlineData("state=Nowhere")]
    [InlineData("state=99&page=x")]
    [InlineData("page=-7")]
    public async Task A_list_that_is_asked_for_nonsense_shows_everything(string query)
    {
        await using var house = await House.OpenAsync();
        await house.PlanAsync();
        Assert.Contains("Pune office", await house.Engineer.PageAsync($"/sites?{query}"));
    }

    [Fact]
    public async Task A_sheet_that_somebody_else_changed_is_not_overwritten_unseen()
    {
        await using var house = await House.OpenAsync();
        var site = await house.PlanAsync();
        var mine = house.Sheet("2.0.0");
        mine["revision"] = "1";
        using (var first = await house.Engineer.PostAsync($"/sites/{site}/sheet", mine, from: "/sites/new"))
            Assert.Equal(HttpStatusCode.SeeOther, first.StatusCode);
        mine["version"] = "3.0.0";
        using var second = await house.Engineer.PostAsync($"/sites/{site}/sheet", mine, from: "/sites/new");
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        var page = await second.Content.ReadAsStringAsync();
        Assert.Contains("value=\"3.0.0\"", page);
        Assert.Contains("name=\"revision\" value=\"2\"", page);
        Assert.Contains("2.0.0", await house.Engineer.PageAsync($"/sites/{site}"));
    }

    [Fact]
    public async Task Everybody_sees_exactly_his_sites()
    {
        await using var house = await House.OpenAsync();
        var site = await house.PlanAsync();
        using var own = await house.Node.SignInAsync(Role.CustomerAdministrator, house.Customer);
        using var strange = await house.Node.SignInAsync(Role.CustomerAdministrator, house.Stranger);
        using var helper = await house.Node.SignInAsync(Role.SupportL1, house.Vendor);
        var partner = await house.Node.OrganisationAsync("Partner", "Konkan Systems");
        using var other = await house.Node.SignInAsync(Role.Partner, partner);

        Assert.Contains("Pune office", await own.PageAsync("/sites"));
        Assert.DoesNotContain("Pune office", await strange.PageAsync("/sites"));
        Assert.DoesNotContain("Change the sheet", await own.PageAsync($"/sites/{site}"));
        foreach (var (browser, path, status) in new[]
        {
            (strange, $"/sites/{site}", HttpStatusCode.NotFound), (strange, $"/sites/{site}/log", HttpStatusCode.NotFound),
            (strange, $"/sites/{site}/live", HttpStatusCode.NotFound), (own, $"/sites/{site}/medium/site.conf", HttpStatusCode.Forbidden),
            (own, $"/sites/{site}/sheet", HttpStatusCode.Forbidden), (helper, $"/sites/{site}/sheet", HttpStatusCode.Forbidden),
            (other, $"/sites/{site}", HttpStatusCode.NotFound), (other, $"/sites/{site}/medium/site.conf", HttpStatusCode.NotFound),
        })
        {
            using var answer = await browser.GetAsync(path);
            Assert.Equal(status, answer.StatusCode);
        }
        using var pair = await other.PostAsync($"/sites/{site}/pair", new Dictionary<string, string> { ["code"] = "7KQX-M2ZD" }, from: "/sites/new");
        Assert.Equal(HttpStatusCode.NotFound, pair.StatusCode);
        // A partner cannot plan a site for somebody else's customer.
        using var plan = await other.PostAsync("/sites", house.Sheet(), from: "/sites/new");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, plan.StatusCode);
    }

    [Fact]
    public async Task A_medium_differs_from_the_common_one_in_nothing_but_its_stamp()
    {
        await using var house = await House.OpenAsync();
        var site = await house.PlanAsync();
        using (var early = await house.Engineer.GetAsync($"/sites/{site}/medium/install.iso"))
            Assert.Equal(HttpStatusCode.NotFound, early.StatusCode);

        var iso = new byte[1_000_000];
        new Random(1).NextBytes(iso);
        iso.AsSpan(204_800, Protocol.Limits.StampBytesMax).Clear();
        var media = Directory.CreateDirectory(Path.Join(house.Node.Folder.Root, "media")).FullName;
        var metadata = Directory.CreateDirectory(Path.Join(house.Node.Folder.Releases, "metadata")).FullName;
        await File.WriteAllBytesAsync(Path.Join(media, "medium.iso"), iso, Device.Ct);
        await File.WriteAllTextAsync(Path.Join(media, "medium.json"),
            JsonSerializer.Serialize(new { site = new { offset = 204_800, bytes = Protocol.Limits.StampBytesMax } }), Device.Ct);
        await File.WriteAllTextAsync(Path.Join(metadata, "1.root.json"), "{\"first\":true}", Device.Ct);
        await File.WriteAllTextAsync(Path.Join(metadata, "2.root.json"), "{\"second\":true}", Device.Ct);

        var stamped = await house.Engineer.Http.GetByteArrayAsync($"/sites/{site}/medium/install.iso", Device.Ct);
        Assert.Equal(iso.Length, stamped.Length);
        Assert.Equal(iso[..204_800], stamped[..204_800]);
        Assert.Equal(iso[(204_800 + Protocol.Limits.StampBytesMax)..], stamped[(204_800 + Protocol.Limits.StampBytesMax)..]);
        var image = await house.Engineer.Http.GetByteArrayAsync($"/sites/{site}/medium/site.img", Device.Ct);
        Assert.Equal(image, stamped[204_800..(204_800 + Protocol.Limits.StampBytesMax)]);
        var text = System.Text.Encoding.UTF8.GetString(image);
        Assert.Contains((await house.StampAsync(site)).ToText(), text);
        Assert.Contains("{\"first\":true}", text);
    }
}
