using System.Security.Cryptography;
using Mithi.Trust.Tests.Recorded;

namespace Mithi.Trust.Tests.Cli;

public sealed class TufCommandTests
{
    [Theory]
    [InlineData("test_basic__test_unsigned_initial_root")]
    [InlineData("test_basic__test_snapshot_404")]
    [InlineData("test_expiration__test_expired_local_timestamp")]
    [InlineData("test_file_download__test_multiple_changes_to_target")]
    [InlineData("test_keys__test_keytype_and_scheme_rsa_rsassa-pss-sha256_")]
    [InlineData("test_rollback__test_targets_fast_forward_recovery")]
    [InlineData("test_updater_delegation_graphs__test_graph_traversal_cyclic-graph_")]
    [InlineData("test_updater_key_rotations__test_root_rotation_3-of-5-sign-with-different-keycombos_")]
    public async Task The_program_does_what_a_correct_client_did(string name)
    {
        var scenario = Scenario.Read($"recorded/{name}.json");
        using var folder = new TempFolder();
        await using var server = new LoopbackServer();
        foreach (var step in scenario.Steps)
        {
            var result = await RunAsync(step, scenario, server, folder);
            Assert.True(step.ExpectedExit == result.ExitCode, $"{step.Op}: {result.ExitCode}\n{result.Error}");
            if (step.Op == "init") continue;
            foreach (var (file, _, sha256) in step.TrustedAfter)
                Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder / "metadata" / Uri.EscapeDataString(file)))));
            if (step.Op != "download") continue;
            var downloaded = Directory.Exists(folder / "targets")
                ? Directory.GetFiles(folder / "targets").Select(f => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f)))).Order().ToArray()
                : [];
            Assert.Contains(downloaded, step.DownloadedAnyOf);
            Assert.Equal(step.TargetRequests, server.Requests.Where(r => r.StartsWith("targets/", StringComparison.Ordinal)).Select(r => r["targets/".Length..]));
        }
    }

    [Fact]
    public async Task What_is_missing_is_said_in_two_lines()
    {
        using var folder = new TempFolder();
        var result = await ReleaseTool.RunAsync("tuf", "--metadata-dir", folder / "metadata", "refresh");
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(2, result.Error.Trim().Split('\n').Length);
        result = await ReleaseTool.RunAsync("tuf", "--metadata-dir", folder / "metadata", "--metadata-url", "http://127.0.0.1:1/", "refresh");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(nameof(TrustFault.NoTrustedRoot), result.Error);
    }

    private static async Task<Mithi.Cli.ProcResult> RunAsync(Step step, Scenario scenario, LoopbackServer server, TempFolder folder)
    {
        if (step.Op == "init")
        {
            await File.WriteAllBytesAsync(folder / "first.json", scenario.Blobs[step.TrustedRoot]);
            return await ReleaseTool.RunAsync("tuf", "--metadata-dir", folder / "metadata", "init", folder / "first.json");
        }
        server.Files.Clear();
        server.Requests.Clear();
        foreach (var (path, blob) in step.Serve) server.Files[Uri.UnescapeDataString(path)] = scenario.Blobs[blob];
        string[] arguments = ["tuf", "--metadata-url", server.Url + "metadata/", "--metadata-dir", folder / "metadata"];
        if (step.Op == "refresh") return await ReleaseTool.RunAtAsync(step.Now, [.. arguments, "refresh"]);
        foreach (var target in step.Targets) arguments = [.. arguments, "--target-name", target];
        return await ReleaseTool.RunAtAsync(step.Now,
            [.. arguments, "--target-dir", folder / "targets", "--target-base-url", server.Url + "targets/", "download"]);
    }
}
