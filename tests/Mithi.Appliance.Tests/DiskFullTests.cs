using System.Net;
using Mithi.Cli;
using Mithi.Testing;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>The disk of the data folder fills up: readers read on, writers hear it, and with room again everything goes on.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task A_full_disk_is_said_and_costs_nothing()
    {
        await using var disk = await SmallDisk.MountAsync("size=64m");
        var data = Path.Join(disk.Path, "data");
        var filler = Path.Join(disk.Path, "filler");
        await using (var node = await PublishedNode.StartAsync(data))
        {
            using var asha = await Seed.AdministratorAsync(node);
            using var before = await NewPageAsync(asha, "before");
            Assert.Equal(HttpStatusCode.SeeOther, before.StatusCode);
            Fill(filler);

            using var refused = await NewPageAsync(asha, "while-full");
            if ((int)refused.StatusCode != 507) Assert.Fail((await node.StopAsync()).Output);
            Assert.Contains("disk is full", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            await asha.PageAsync("/wiki/administrators-manual/before");

            File.Delete(filler);
            using var after = await NewPageAsync(asha, "after");
            Assert.Equal(HttpStatusCode.SeeOther, after.StatusCode);
            using var again = await NewPageAsync(asha, "while-full");
            Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
            foreach (var page in new[] { "before", "while-full", "after" }) await asha.PageAsync($"/wiki/administrators-manual/{page}");
        }

        // Killed, and started on a full disk: it says so, changes nothing, and starts when there is room.
        Fill(filler);
        var start = await PublishedNode.RunAsync("migrate", "--data", data);
        Assert.True(start.ExitCode is ExitCode.Done or ExitCode.Usage, start.Error);
        File.Delete(filler);
        await using var last = await PublishedNode.StartAsync(data);
        Assert.Equal(200, (await last.GetAsync("/sign-in")).Status);
        Assert.Equal(ExitCode.Done, (await PublishedNode.RunAsync("audit", "verify", "--data", data)).ExitCode);
    }

    [Fact]
    public async Task A_new_node_without_room_is_told_so()
    {
        await using var disk = await SmallDisk.MountAsync("size=1m");
        var result = await PublishedNode.RunAsync("migrate", "--data", Path.Join(disk.Path, "data"));
        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains("full", result.Error, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> NewPageAsync(TestBrowser browser, string path) => browser.PostAsync(
        "/wiki/new/administrators-manual",
        new Dictionary<string, string> { ["path"] = path, ["body"] = $"# {path}\n\nSome words.\n", ["summary"] = "", ["base"] = "" },
        from: "/wiki/new/administrators-manual");

    // Down to the last block: a page of a file needs 4 KB.
    private static void Fill(string filler)
    {
        using var file = new FileStream(filler, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        for (var block = 1 << 20; block >= 512; block /= 2)
        {
            try
            {
                for (;;) file.Write(new byte[block]);
            }
            catch (IOException)
            {
                // This large a block does not fit any more; a smaller one may.
            }
        }
    }
}
