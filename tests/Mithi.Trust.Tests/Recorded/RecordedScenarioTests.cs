using System.Security.Cryptography;
using System.Text.Json;
using Mithi.Trust.Client;

namespace Mithi.Trust.Tests.Recorded;

public sealed class RecordedScenarioTests
{
    public static TheoryData<string> All()
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Join(Corpora.Tuf, "index.json")));
        return [.. index.RootElement.EnumerateArray().Select(s => s.GetProperty("file").GetString()!)];
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_client_does_what_a_correct_client_did(string file)
    {
        var scenario = Scenario.Read(file);
        using var folder = new TempFolder();
        var number = 0;
        foreach (var step in scenario.Steps)
        {
            var server = step.Op == "init" ? null : new RecordedServer(step, scenario.Blobs);
            var (exit, why) = await RunAsync(step, scenario, server, folder);
            var at = $"step {number++} {step.Op}: {why}";
            Assert.True(step.ExpectedExit == exit, at);
            if (server is null) continue;
            RequireTrusted(step, folder, scenario.Binds("trusted"), at);
            if (scenario.Binds("metadata_requests")) Assert.Equal(step.MetadataRequests, server.Metadata);
            if (scenario.Binds("target_requests")) Assert.Equal(step.TargetRequests, server.Targets);
            if (scenario.Binds("downloaded")) Assert.Contains(Downloaded(folder), step.DownloadedAnyOf);
        }
    }

    private static async Task<(int Exit, string Why)> RunAsync(Step step, Scenario scenario, RecordedServer? server, TempFolder folder)
    {
        var metadata = new MetadataFolder(folder / "metadata");
        try
        {
            if (server is null)
            {
                metadata.Init(scenario.Blobs[step.TrustedRoot]);
                return (0, "done");
            }
            var client = new TufClient(metadata, server.MetadataFetcher, new FixedClock(step.Now));
            await client.RefreshAsync(default);
            if (step.Op == "download")
                foreach (var path in step.Targets)
                    await client.DownloadAsync(await client.FindAsync(path, default), server.TargetFetcher,
                        folder / "targets" / Uri.EscapeDataString(path), default);
            return (0, "done");
        }
        catch (TrustException e)
        {
            return (1, e.Message);
        }
    }

    private static void RequireTrusted(Step step, TempFolder folder, bool nothingElse, string at)
    {
        var expected = step.TrustedAfter.Select(t => $"{t.File} {t.Sha256}").ToArray();
        var actual = new DirectoryInfo(folder / "metadata").GetFiles()
            .Select(f => $"{Uri.UnescapeDataString(f.Name)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f.FullName)))}")
            .Where(f => nothingElse || expected.Contains(f));
        Assert.True(expected.Order().SequenceEqual(actual.Order()), $"{at}\n{string.Join('\n', actual.Order())}");
    }

    private static string[] Downloaded(TempFolder folder)
        => Directory.Exists(folder / "targets")
            ? [.. Directory.GetFiles(folder / "targets").Select(f => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f)))).Order()]
            : [];
}
