using System.Text.Json;
using Mithi.Archive;
using Mithi.Cli;
using Xunit;

namespace Mithi.ReleaseTool.Tests;

public sealed class PackingTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_release_goes_from_tree_to_rebuilt_build()
    {
        _tool.Product("one", "1.0.0", "hello");
        _tool.Product("two", "1.0.0-p1", "namaste");
        using var packed = JsonDocument.Parse(await _tool.DoneAsync("pack", _tool["one/tree"], "-o", _tool["out"], "--json"));
        var build = packed.RootElement.GetProperty("archives")[0];
        Assert.Equal("sample-1.0.0.linux-x64.build.tar.zst", build.GetProperty("name").GetString());
        Assert.Equal("sample/1.0.0/sample-1.0.0.linux-x64.build.tar.zst", build.GetProperty("targetPath").GetString());
        var basePath = build.GetProperty("path").GetString()!;
        Assert.Equal(TreeScan.Sha256(basePath, TestContext.Current.CancellationToken), build.GetProperty("sha256").GetString());

        using var patched = JsonDocument.Parse(await _tool.DoneAsync(
            "patch", basePath, _tool["two/tree"], "-o", _tool["out"], "--fix", "17", "--with-build", "--json"));
        var patch = patched.RootElement.GetProperty("archives")[0];
        Assert.Equal(("patch", "1.0.0", 2), (patch.GetProperty("kind").GetString(), patch.GetProperty("base").GetString(), patch.GetProperty("filesInArchive").GetInt32()));
        Assert.Equal("17", patch.GetProperty("fixes")[0].GetString());
        var patchPath = patch.GetProperty("path").GetString()!;

        Assert.Contains("is sound and fits its base.", await _tool.DoneAsync("verify", patchPath, "--base", basePath), StringComparison.Ordinal);
        using var rebuilt = JsonDocument.Parse(await _tool.DoneAsync("rebuild", basePath, patchPath, "-o", _tool["rebuilt"], "--json"));
        Assert.Equal(patched.RootElement.GetProperty("archives")[1].GetProperty("sha256").GetString(), rebuilt.RootElement.GetProperty("sha256").GetString());

        Assert.Equal("changed            21 -> 23          bin/greet\n", (await _tool.DoneAsync("diff", basePath, patchPath)).Split("1 difference ")[0]);
        var shown = await _tool.DoneAsync("show", patchPath, "--files");
        Assert.Contains("base        1.0.0, tree ", shown, StringComparison.Ordinal);
        Assert.Contains("fixes       17\n", shown, StringComparison.Ordinal);
        Assert.Contains("full   600            5 etc/secret  (config)", shown, StringComparison.Ordinal);
        Assert.Equal(ManifestJson.Write(ArchiveReader.ManifestOf(patchPath)), System.Text.Encoding.UTF8.GetBytes(await _tool.DoneAsync("show", patchPath, "--json")));
    }

    [Fact]
    public async Task A_service_pack_leans_on_its_build()
    {
        _tool.Product("one", "1.0.0", "hello");
        _tool.Product("two", "1.0.0-sp1", "namaste");
        await _tool.DoneAsync("pack", _tool["one/tree"], "-o", _tool["out"]);
        Assert.Contains("sample-1.0.0-sp1.linux-x64.service-pack.tar.zst",
            await _tool.DoneAsync("service-pack", _tool["out/sample-1.0.0.linux-x64.build.tar.zst"], _tool["two/tree"], "-o", _tool["out"]), StringComparison.Ordinal);
        await _tool.DoneAsync("verify", _tool["out/sample-1.0.0-sp1.linux-x64.service-pack.tar.zst"]);

        // A patch on top of it takes the service pack's archive as its base just as well.
        _tool.Product("three", "1.0.0-sp1-p1", "vanakkam");
        await _tool.DoneAsync("patch", _tool["out/sample-1.0.0-sp1.linux-x64.service-pack.tar.zst"], _tool["three/tree"], "-o", _tool["out"]);
        Assert.True(File.Exists(_tool["out/sample-1.0.0-sp1-p1.linux-x64.patch.tar.zst"]));
    }

    [Fact]
    public async Task A_stamp_is_asked_for()
    {
        _tool.Product("one", "1.0.0", "hello");
        _tool.Write("one/release.json", """{ "product": "sample", "version": "1.0.0" }""");
        var (code, _, error) = await _tool.RunAsync("pack", _tool["one/tree"], "-o", _tool["out"]);
        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith("The release has no stamp.\n", error, StringComparison.Ordinal);
        await _tool.DoneAsync("pack", _tool["one/tree"], "-o", _tool["out"], "--stamp", "1");
    }

    [Theory]
    [InlineData("""{ "product": "sample", "version": "1.0" }""", "\"1.0\" is not a version.")]
    [InlineData("""{ "product": "Sample", "version": "1.0.0" }""", "\"Sample\" can't be a product's id.")]
    [InlineData("""{ "product": "sample", "version": "1.0.0", "stmp": 1 }""", "stmp")]
    [InlineData("""{ "product": "sample" }""", "version")]
    [InlineData("""{ "product": "sample", "version": "1.0.0", "modes": { "x": "4755" } }""", "\"4755\" is not a mode.")]
    [InlineData("""{ "product": "sample", "version": "1.0.0", "notesFile": "none.md" }""", "none.md is not there.")]
    [InlineData("", "can't be read")]
    public async Task A_wrong_release_file_is_said_in_two_lines(string release, string words)
    {
        _tool.Product("one", "1.0.0", "hello");
        _tool.Write("one/release.json", release);
        var (code, _, error) = await _tool.RunAsync("pack", _tool["one/tree"], "-o", _tool["out"], "--stamp", "1");
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(words, error.Split('\n')[0], StringComparison.Ordinal);
        Assert.False(Directory.Exists(_tool["out"]));
    }

    [Fact]
    public async Task A_tree_that_no_archive_can_hold_is_said_in_two_lines()
    {
        _tool.Product("one", "1.0.0", "hello");
        File.CreateSymbolicLink(_tool["one/tree/bin/sh"], "/bin/sh");
        var (code, _, error) = await _tool.RunAsync("pack", _tool["one/tree"], "-o", _tool["out"]);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal("LinkEscapes: The link's target is not relative. File: bin/sh.\n"
            + "Make the link relative and within the tree (ln -sr), or leave it to the product's install script.\n", error);
    }

    [Fact]
    public async Task What_is_missing_is_named()
    {
        foreach (var args in new string[][]
        {
            ["pack", _tool["none"]], ["show", _tool["none"]], ["verify", _tool["none"]], ["diff", _tool["none"], _tool["none"]],
            ["rebuild", _tool["none"], _tool["none"]], ["publish", "--node", "https://localhost", "--token-file", _tool["none"], "--repo", _tool["none"]],
        })
        {
            var (code, _, error) = await _tool.RunAsync(args);
            Assert.Equal(ExitCode.Usage, code);
            Assert.Contains(" is not there.\n", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_broken_archive_is_refused_by_name()
    {
        _tool.Product("one", "1.0.0", "hello");
        await _tool.DoneAsync("pack", _tool["one/tree"], "-o", _tool["out"]);
        var path = _tool["out/sample-1.0.0.linux-x64.build.tar.zst"];
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^10]);
        var (code, _, error) = await _tool.RunAsync("verify", path);
        Assert.Equal(ExitCode.Failed, code);
        Assert.StartsWith("Truncated: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renamed_archive_is_not_sound()
    {
        _tool.Product("one", "1.0.0", "hello");
        await _tool.DoneAsync("pack", _tool["one/tree"], "-o", _tool["out"]);
        File.Move(_tool["out/sample-1.0.0.linux-x64.build.tar.zst"], _tool["out/sample-1.0.1.linux-x64.build.tar.zst"]);
        Assert.Equal(ExitCode.Usage, (await _tool.RunAsync("verify", _tool["out/sample-1.0.1.linux-x64.build.tar.zst"])).Code);
    }
}
