using System.Net;
using System.Net.Http.Headers;
using Mithi.Cli;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Scenarios.Tests;

/// <summary>From a folder on the release engineer's machine to bytes at a customer, with the real programs.</summary>
public sealed class ReleaseScenarioTests
{
    [Fact]
    public async Task A_release_is_signed_published_and_downloaded_by_the_entitled_alone()
    {
        await using var house = await TestAppliance.StartAsync();
        using var work = new TempFolder();
        var vendor = await house.OrganisationAsync("Vendor", "Vendor");
        var entitled = await house.OrganisationAsync("Customer", "Entitled");
        var other = await house.OrganisationAsync("Customer", "Other");
        await house.Get<EntitlementStore>().AddAsync(entitled, new("mail-server", "", "", "stable", new LocalDate(2199, 12, 31), "Asia/Kolkata"),
            house.Now, CancellationToken.None);
        await PublishAsync(house, work, await TokenAsync(house, vendor, Permission.ReleasePublish));

        using var customer = await house.SignInAsync(Role.CustomerAdministrator, entitled);
        using var stranger = await house.SignInAsync(Role.CustomerAdministrator, other);
        const string File = "/downloads/mail-server/1.0.0/mail-server-1.0.0.linux-x64.build.tar.zst";
        Assert.Contains($"href=\"{File}\"", await customer.PageAsync("/downloads/mail-server"), StringComparison.Ordinal);
        Assert.DoesNotContain($"href=\"{File}\"", await stranger.PageAsync("/downloads/mail-server"), StringComparison.Ordinal);

        using var got = await customer.GetAsync(File);
        var bytes = await got.Content.ReadAsByteArrayAsync();
        Assert.Equal(await System.IO.File.ReadAllBytesAsync(work.File("mail-server-1.0.0.linux-x64.build.tar.zst")), bytes);
        using var refused = await stranger.GetAsync(File);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var nobody = house.Browser();
        using var sent = await nobody.GetAsync(File);
        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);

        using var part = new HttpRequestMessage(HttpMethod.Get, File) { Headers = { Range = new RangeHeaderValue(10, 19) } };
        using var partly = await customer.Http.SendAsync(part);
        Assert.Equal(HttpStatusCode.PartialContent, partly.StatusCode);
        Assert.Equal(bytes[10..20], await partly.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_stock_update_client_takes_what_the_node_published()
    {
        await using var house = await TestAppliance.StartAsync();
        using var work = new TempFolder();
        var vendor = await house.OrganisationAsync("Vendor", "Vendor");
        await PublishAsync(house, work, await TokenAsync(house, vendor, Permission.ReleasePublish));
        using var reader = house.Browser().WithToken(await TokenAsync(house, vendor, Permission.ReleaseDownload));
        using var timestamp = await reader.GetAsync("/releases/metadata/timestamp.json");
        Assert.Equal(HttpStatusCode.OK, timestamp.StatusCode);
        foreach (var trick in new[] { "..%2f..%2fkeys%2freleases%2fsnapshot-1.json", "root.json%00", "1.root.json/../../x", ".." })
        {
            using var answer = await reader.GetAsync($"/releases/metadata/{trick}");
            Assert.InRange((int)answer.StatusCode, 400, 404);
        }
    }

    [Fact]
    public async Task What_no_client_would_take_is_not_published()
    {
        await using var house = await TestAppliance.StartAsync();
        using var work = new TempFolder();
        var vendor = await house.OrganisationAsync("Vendor", "Vendor");
        var token = await TokenAsync(house, vendor, Permission.ReleasePublish);
        await PublishAsync(house, work, token);
        using var engineer = house.Browser().WithToken(token);
        foreach (var body in new[]
        {
            "", "[]", "{}", """{"metadata":{"root":[],"targets":"not base64!"}}""", """{"metadata":{"root":["e30="],"targets":"e30="},"channel":"stable"}""",
            """{"metadata":{},"channel":"../x"}""",
        })
        {
            using var content = new StringContent(body);
            using var answer = await engineer.Http.PostAsync("/api/releases/publish", content);
            Assert.InRange((int)answer.StatusCode, 400, 422);
        }
        using var lie = new ByteArrayContent([1, 2, 3]);
        using var put = await engineer.Http.PutAsync($"/api/releases/blobs/{new string('a', 64)}", lie);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, put.StatusCode);
        using var customer = house.Browser().WithToken(await TokenAsync(house, vendor, Permission.ReleaseDownload));
        using var small = new ByteArrayContent([1]);
        using var forbidden = await customer.Http.PutAsync($"/api/releases/blobs/{new string('a', 64)}", small);
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
    }

    private static async Task PublishAsync(TestAppliance house, TempFolder work, string token)
    {
        Directory.CreateDirectory(work.File("tree"));
        await File.WriteAllTextAsync(work.File("tree/hello"), "Hello.\n");
        await File.WriteAllTextAsync(work.File("release.json"), """{"product":"mail-server","version":"1.0.0","stamp":1760000000}""");
        await File.WriteAllTextAsync(work.File("token"), token);
        using var engineer = house.Browser().WithToken(token);
        await File.WriteAllBytesAsync(work.File("node.json"), await engineer.Http.GetByteArrayAsync("/api/releases/trust"));
        foreach (var key in new[] { "root-a", "root-b", "root-c", "targets", "mail-server" })
            await ReleaseTool.RunAsync(work.Path, "keys", "new", "--plain", "--name", key, "--out", $"{key}.key");
        await ReleaseTool.RunAsync(work.Path, "keys", "init", "--repo", "releases", "--root", "root-a.pub", "root-b.pub", "root-c.pub",
            "--targets", "targets.pub", "--node", "node.json", "--product", "mail-server=mail-server.pub",
            "--keys", "root-a.key", "root-b.key", "targets.key");
        var packed = await ReleaseTool.TryAsync(work.Path, "pack", "tree");
        Assert.True(packed.ExitCode == ExitCode.Done, packed.Error);
        await ReleaseTool.RunAsync(work.Path, "sign", "--repo", "releases", "--keys", "mail-server.key", "mail-server-1.0.0.linux-x64.build.tar.zst");
        await ReleaseTool.RunAsync(work.Path, "publish", "--repo", "releases", "--node", house.Url.ToString(), "--token-file", "token");
    }

    private static async Task<string> TokenAsync(TestAppliance house, OrganisationId organisation, Permission permission)
        => (await house.Get<TokenStore>().AddAsync(organisation, "test", [permission], house.Now + Duration.FromDays(1), house.Now, CancellationToken.None)).Text;
}
