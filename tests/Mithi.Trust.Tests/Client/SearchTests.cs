using System.Text;
using Mithi.Trust.Client;
using Mithi.Trust.Keys;
using Mithi.Trust.Metadata;
using Mithi.Trust.Repository;

namespace Mithi.Trust.Tests.Client;

/// <summary>TUF 1.0.34, section 5.6.7: who may answer for a path, in which order, and who ends the search; and section 5.1, the fixed time.</summary>
public sealed class SearchTests
{
    private static readonly SigningKey Key = SigningKey.Generate();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;
    private readonly FixedClock _clock = new(DateTimeOffset.Parse("2026-06-01T12:00:00Z"));

    [Theory]
    [InlineData("a/1", 11)]   // Of the first role that has it, not of the second.
    [InlineData("a/2", 32)]   // Of a role below the first, before its sister.
    [InlineData("a/3", 41)]   // Back up and on to the sister.
    [InlineData("b/1", 0)]    // "b" ends the search for its paths, although "rest" has it.
    [InlineData("c/1", 61)]   // A circle is walked once.
    public async Task The_search_goes_depth_first_in_order_and_ends_where_it_is_told_to(string path, int length)
    {
        var client = await RefreshAsync(new()
        {
            ["targets"] = File([], ("one", "a/*", false), ("two", "a/*", false), ("b", "b/*", true), ("circle", "c/*", false), ("rest", "*/*", false)),
            ["one"] = File([("a/1", 11)], ("below", "a/*", false)),
            ["below"] = File([("a/2", 32)]),
            ["two"] = File([("a/1", 21), ("a/2", 22), ("a/3", 41)]),
            ["b"] = File([]),
            ["circle"] = File([], ("back", "c/*", false)),
            ["back"] = File([], ("circle", "c/*", false)),
            ["rest"] = File([("b/1", 51), ("c/1", 61)]),
        });
        if (length > 0) Assert.Equal(length, (await client.FindAsync(path, Ct)).Length);
        else Assert.Equal(TrustFault.TargetUnknown, (await Assert.ThrowsAsync<TrustException>(() => client.FindAsync(path, Ct))).Fault);
    }

    [Fact]
    public async Task A_role_is_not_asked_for_paths_that_it_is_not_trusted_for()
    {
        var client = await RefreshAsync(new()
        {
            ["targets"] = File([], ("one", "a/*", false)),
            ["one"] = File([("b/1", 1), ("a/b/1", 2)], ("wide", "*/*", false)),
            ["wide"] = File([("b/1", 3)]),
        });
        foreach (var path in (string[])["b/1", "a/b/1"])
            Assert.Equal(TrustFault.TargetUnknown, (await Assert.ThrowsAsync<TrustException>(() => client.FindAsync(path, Ct))).Fault);
    }

    [Fact]
    public async Task After_32_delegations_it_is_enough()
    {
        var files = new Dictionary<string, string> { ["targets"] = File([], ("r1", "*", false)) };
        for (var i = 1; i <= 40; i++) files[$"r{i}"] = File([($"at-{i}", i)], ($"r{i + 1}", "*", false));
        files["r41"] = File([]);
        var client = await RefreshAsync(files);
        Assert.Equal(32, (await client.FindAsync("at-32", Ct)).Length);
        Assert.Equal(TrustFault.TargetUnknown, (await Assert.ThrowsAsync<TrustException>(() => client.FindAsync("at-33", Ct))).Fault);
    }

    [Fact]
    public async Task What_expires_while_an_update_runs_was_fresh_when_it_began()
    {
        var client = await RefreshAsync(new() { ["targets"] = File([], ("one", "*", false)), ["one"] = File([("x", 7)]) });
        _clock.Now = Expires.AddDays(1);
        Assert.Equal(7, (await client.FindAsync("x", Ct)).Length);
        Assert.Equal(TrustFault.Expired, (await Assert.ThrowsAsync<TrustException>(() => client.RefreshAsync(Ct))).Fault);
    }

    [Fact]
    public async Task An_equal_timestamp_is_put_aside_whatever_it_says()
    {
        var store = new MemoryMetadata();
        var targets = new Dictionary<string, string> { ["targets"] = File([("x", 7)]) };
        await RefreshAsync(targets, store);
        var trusted = store.Read(RoleNames.Timestamp, Limits.TimestampBytesMax);
        var client = await RefreshAsync(targets, store, snapshotVersion: 9);
        Assert.Equal(1, client.Snapshot.Version);
        Assert.Equal(trusted, store.Read(RoleNames.Timestamp, Limits.TimestampBytesMax));
    }

    [Fact]
    public async Task A_snapshot_that_forgets_a_role_is_a_rollback()
    {
        var store = new MemoryMetadata();
        await RefreshAsync(new() { ["targets"] = File([]), ["one"] = File([]) }, store);
        var e = await Assert.ThrowsAsync<TrustException>(() => RefreshAsync(new() { ["targets"] = File([]) }, store, timestampVersion: 2, snapshotVersion: 2));
        Assert.Equal((TrustFault.Rollback, "snapshot.json"), (e.Fault, e.File));
        // The timestamp was right and stays; the snapshot that was refused was not written.
        Assert.Equal(2, new TimestampFile(store.Read(RoleNames.Timestamp, Limits.TimestampBytesMax)!).Version);
        Assert.Equal(1, new SnapshotFile(store.Read(RoleNames.Snapshot, Limits.SnapshotBytesMax)!).Version);
    }

    private static DateTimeOffset Expires { get; } = DateTimeOffset.Parse("2026-07-01T00:00:00Z");

    private async Task<TufClient> RefreshAsync(
        Dictionary<string, string> targets, MemoryMetadata? store = null, int timestampVersion = 1, int snapshotVersion = 1)
    {
        var roles = RoleNames.TopLevel.ToDictionary(name => name, _ => new RoleKeys(1, [Key.Public]));
        var root = Signatures.Add(new RootDraft(1, Expires.AddYears(1), roles).ToBytes(), "root.json", Key);
        var files = targets.ToDictionary(
            role => $"1.{role.Key}.json", role => Signatures.Add(Encoding.UTF8.GetBytes(role.Value), $"{role.Key}.json", Key));
        files[$"{snapshotVersion}.snapshot.json"] = Signatures.Add(new MetaDraft(RoleNames.Snapshot, snapshotVersion, Expires,
            [.. targets.Keys.Select(role => KeyValuePair.Create($"{role}.json", new MetaFile(1, null, null)))]).ToBytes(), "snapshot.json", Key);
        files["timestamp.json"] = Signatures.Add(new MetaDraft(RoleNames.Timestamp, timestampVersion, Expires,
            [KeyValuePair.Create("snapshot.json", new MetaFile(snapshotVersion, null, null))]).ToBytes(), "timestamp.json", Key);
        store ??= new MemoryMetadata();
        store.Write(RoleNames.Root, root);
        var client = new TufClient(store, new MemoryFetcher(files), _clock);
        await client.RefreshAsync(Ct);
        return client;
    }

    private static string File(IEnumerable<(string Path, int Length)> targets, params (string Role, string Pattern, bool Terminating)[] delegations)
    {
        var hash = new string('0', 64);
        var listed = string.Join(',', targets.Select(target => $$"""
            "{{target.Path}}": { "length": {{target.Length}}, "hashes": { "sha256": "{{hash}}" } }
            """));
        var roles = string.Join(',', delegations.Select(role => $$"""
            { "name": "{{role.Role}}", "keyids": ["{{Key.Public.Id}}"], "threshold": 1, "terminating": {{(role.Terminating ? "true" : "false")}}, "paths": ["{{role.Pattern}}"] }
            """));
        var keys = Encoding.UTF8.GetString(new TargetsDraft(1, Expires, new Dictionary<string, Target>(),
            new Dictionary<string, RoleKeys> { ["x"] = new(1, [Key.Public]) }).ToBytes());
        var key = System.Text.Json.Nodes.JsonNode.Parse(keys)!["signed"]!["delegations"]!["keys"]!.ToJsonString();
        return $$"""
            { "signatures": [], "signed": { "_type": "targets", "spec_version": "1.0.34", "version": 1, "expires": "{{Expires:yyyy-MM-dd'T'HH:mm:ss'Z'}}",
              "targets": { {{listed}} }, "delegations": { "keys": {{key}}, "roles": [{{roles}}] } } }
            """;
    }
}
