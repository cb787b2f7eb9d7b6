using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mithi.Trust.Client;
using Mithi.Trust.Keys;
using Mithi.Trust.Metadata;
using Mithi.Trust.Repository;
using Mithi.Trust.Tests.Repository;

namespace Mithi.Trust.Tests.Client;

/// <summary>A repository, or whoever stands before it, that tries one thing each.</summary>
public sealed class HostileRepositoryTests : IAsyncLifetime
{
    private readonly TestVendor _vendor = new();
    private TestCustomer _customer = null!;
    private Target _target = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _vendor.Found();
        _target = await _vendor.ReleaseAsync("1.0.0", "one");
        await _vendor.PublishAsync();
        _customer = _vendor.Customer();
        await _customer.RefreshAsync();
    }

    [Theory]
    [InlineData("2.root.json", Limits.RootBytesMax)]
    [InlineData("timestamp.json", Limits.TimestampBytesMax)]
    public async Task An_endless_file_is_cut_off_at_its_limit(string name, int limit)
    {
        var endless = new EndlessFetcher(_vendor.State!.Files(), name);
        Assert.Equal(TrustFault.LimitExceeded, (await _customer.IsRefusedAsync(endless)).Fault);
        Assert.InRange(endless.Given, limit, limit + (128 << 10));
    }

    [Theory]
    [InlineData("1.snapshot.json")]
    [InlineData("1.targets.json")]
    public async Task A_file_is_cut_off_at_the_length_that_its_referrer_names(string name)
    {
        var endless = new EndlessFetcher(_vendor.State!.Files(), name);
        Assert.Equal(TrustFault.LimitExceeded, (await _vendor.Customer().IsRefusedAsync(endless)).Fault);
        Assert.InRange(endless.Given, 1, 128 << 10);
    }

    [Fact]
    public async Task Roots_without_end_are_followed_256_steps_at_a_time()
    {
        var files = _vendor.State!.Files().ToDictionary();
        var root = new RootFile(_vendor.Releases.Roots()[0]);
        var roles = root.Roles.ToDictionary(r => r.Key, r => RoleKeys.Of(r.Value));
        for (var version = 2; version <= 260; version++)
            files[$"{version}.root.json"] = Signatures.Add(
                new RootDraft(version, _vendor.Clock.Now.AddDays(1), roles).ToBytes(), "root.json", _vendor.RootKeys[0], _vendor.RootKeys[1]);
        Assert.Equal(257, (await _customer.RefreshAsync(new MemoryFetcher(files))).Root.Version);
        Assert.Equal(260, (await _customer.RefreshAsync(new MemoryFetcher(files))).Root.Version);
    }

    [Theory]
    [InlineData("timestamp.json", TrustFault.Missing)]
    [InlineData("2.snapshot.json", TrustFault.Missing)]
    [InlineData("2.mail-server.json", TrustFault.Missing)]
    public async Task A_file_that_is_not_there_is_missed_and_nothing_older_is_taken(string name, TrustFault fault)
    {
        await _vendor.ReleaseAsync("1.0.0-p1", "two");
        await _vendor.PublishAsync();
        var files = _vendor.State!.Files().ToDictionary();
        files.Remove(name);
        var e = await Assert.ThrowsAsync<TrustException>(async () =>
            await (await _customer.RefreshAsync(new MemoryFetcher(files))).FindAsync(_target.Path, Ct));
        Assert.Equal(fault, e.Fault);
    }

    [Fact]
    public async Task Files_of_two_snapshots_do_not_mix()
    {
        var old = _vendor.State!.Files();
        await _vendor.ReleaseAsync("1.0.0-p1", "two");
        await _vendor.PublishAsync();
        var mixed = _vendor.State!.Files().ToDictionary();
        mixed["2.mail-server.json"] = old["1.mail-server.json"];
        var client = await _customer.RefreshAsync(new MemoryFetcher(mixed));
        Assert.Contains((await Assert.ThrowsAsync<TrustException>(() => client.FindAsync(_target.Path, Ct))).Fault,
            new[] { TrustFault.DigestMismatch, TrustFault.LengthMismatch });
    }

    [Fact]
    public async Task A_mirror_that_stands_still_is_noticed_when_its_timestamp_expires()
    {
        _vendor.Clock.Now += Lifetimes.Timestamp - TimeSpan.FromSeconds(1);
        await _customer.RefreshAsync();
        _vendor.Clock.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(TrustFault.Expired, (await _customer.IsRefusedAsync()).Fault);
    }

    [Fact]
    public async Task An_older_timestamp_is_a_rollback()
    {
        var old = new MemoryFetcher(_vendor.State!.Files());
        await _vendor.ReleaseAsync("1.0.0-p1", "two");
        await _vendor.PublishAsync();
        await _customer.RefreshAsync();
        Assert.Equal(TrustFault.Rollback, (await _customer.IsRefusedAsync(old)).Fault);
        await _customer.RefreshAsync();
    }

    [Fact]
    public async Task One_key_under_two_ids_has_one_vote()
    {
        var key = _vendor.OnlineKeys.Timestamp[0];
        var files = Edited("1.root.json", root =>
        {
            var twin = root["signed"]!["keys"]![key.Public.Id]!.DeepClone();
            twin["note"] = "the same key in other clothes";
            root["signed"]!["keys"]!["twin"] = twin;
            root["signed"]!["roles"]!["timestamp"] = JsonNode.Parse($$"""{"keyids":["{{key.Public.Id}}","twin"],"threshold":2}""");
        }, _vendor.RootKeys[0], _vendor.RootKeys[1]);
        var timestamp = JsonNode.Parse(files["timestamp.json"])!;
        var signature = timestamp["signatures"]![0]!.DeepClone();
        signature["keyid"] = "twin";
        timestamp["signatures"]!.AsArray().Add(signature);
        files["timestamp.json"] = Encoding.UTF8.GetBytes(timestamp.ToJsonString());
        Assert.Equal(TrustFault.ThresholdNotMet, (await Newcomer(files).IsRefusedAsync(new MemoryFetcher(files))).Fault);
    }

    [Fact]
    public async Task A_key_id_that_signs_twice_is_malformed()
    {
        var files = _vendor.State!.Files().ToDictionary();
        var timestamp = JsonNode.Parse(files["timestamp.json"])!;
        timestamp["signatures"]!.AsArray().Add(timestamp["signatures"]![0]!.DeepClone());
        files["timestamp.json"] = Encoding.UTF8.GetBytes(timestamp.ToJsonString());
        Assert.Equal(TrustFault.Malformed, (await _customer.IsRefusedAsync(new MemoryFetcher(files))).Fault);
    }

    [Fact]
    public async Task Key_ids_are_opaque_and_unknown_fields_are_no_concern_of_ours()
    {
        var files = Edited("1.root.json", root =>
        {
            var text = root["signed"]!.ToJsonString().Replace(_vendor.OnlineKeys.Timestamp[0].Public.Id, "whatever the vendor likes");
            root["signed"] = JsonNode.Parse(text);
            root["signed"]!["x-tra"] = JsonNode.Parse("""{"b":[1,{"ü":"\"\\"}]}""");
            root["unsigned"] = "too";
        }, _vendor.RootKeys[0], _vendor.RootKeys[1]);
        var timestamp = JsonNode.Parse(files["timestamp.json"])!;
        timestamp["signatures"]![0]!["keyid"] = "whatever the vendor likes";
        files["timestamp.json"] = Encoding.UTF8.GetBytes(timestamp.ToJsonString());
        Assert.Equal(1, (await Newcomer(files).RefreshAsync(new MemoryFetcher(files))).Timestamp.Version);
    }

    [Theory]
    [InlineData("spec_version", "\"2.0.0\"", TrustFault.SpecificationUnknown)]
    [InlineData("spec_version", "\"1\"", TrustFault.Malformed)]
    [InlineData("version", "0", TrustFault.Malformed)]
    [InlineData("version", "\"1\"", TrustFault.Malformed)]
    [InlineData("version", "99999999999999999999", TrustFault.Malformed)]
    [InlineData("expires", "\"2030-01-01\"", TrustFault.Malformed)]
    [InlineData("expires", "\"2030-13-01T00:00:00Z\"", TrustFault.Malformed)]
    [InlineData("_type", "\"snapshot\"", TrustFault.WrongType)]
    [InlineData("meta", "{}", TrustFault.Malformed)]
    [InlineData("meta", """{"snapshot.json":{"version":1,"hashes":{"md5":"00"}}}""", TrustFault.DigestMismatch)]
    [InlineData("meta", """{"snapshot.json":{"version":1,"hashes":{"sha256":"../../x"}}}""", TrustFault.Malformed)]
    public async Task A_field_that_lies_is_refused_although_it_is_signed(string field, string value, TrustFault fault)
    {
        var files = Edited("timestamp.json", timestamp => timestamp["signed"]![field] = JsonNode.Parse(value), _vendor.OnlineKeys.Timestamp[0]);
        Assert.Equal(fault, (await _vendor.Customer().IsRefusedAsync(new MemoryFetcher(files))).Fault);
    }

    [Theory]
    [InlineData("root")]
    [InlineData("targets")]
    [InlineData("")]
    public void A_delegated_role_cannot_take_the_place_of_a_top_level_one(string name)
    {
        var draft = new TargetsDraft(1, _vendor.Clock.Now, new Dictionary<string, Target>(),
            new Dictionary<string, RoleKeys> { [name] = new(1, [_vendor.ProductKey.Public]) });
        Assert.Equal(TrustFault.Malformed, Assert.Throws<TrustException>(() => new TargetsFile(draft.ToBytes())).Fault);
    }

    [Fact]
    public async Task Without_a_root_nothing_is_asked_for()
    {
        var customer = new TestCustomer(new MemoryMetadata(), _vendor.Published, _vendor.Clock);
        Assert.Equal(TrustFault.NoTrustedRoot, (await customer.IsRefusedAsync()).Fault);
    }

    [Fact]
    public async Task A_damaged_copy_on_disk_is_fetched_again()
    {
        foreach (var role in new[] { "timestamp", "snapshot", "targets" }) _customer.Store.Write(role, "{ half a fi"u8);
        Assert.Equal(1, (await _customer.RefreshAsync()).Snapshot.Version);
        Assert.Equal(_target.Digests.First, (await _customer.FindAsync(_target.Path)).Digests.First);
    }

    [Theory]
    [InlineData("on", TrustFault.LengthMismatch)]
    [InlineData("two", TrustFault.DigestMismatch)]
    [InlineData("one and more", TrustFault.LimitExceeded)]
    [InlineData(null, TrustFault.Missing)]
    public async Task Another_target_than_the_signed_one_gets_no_name_on_disk(string? content, TrustFault fault)
    {
        var client = await _customer.RefreshAsync();
        var files = new Dictionary<string, byte[]>();
        if (content is not null) files[client.UrlPathOf(_target)] = Encoding.UTF8.GetBytes(content);
        var file = _vendor.Temp("download/here");
        var e = await Assert.ThrowsAsync<TrustException>(() => client.DownloadAsync(_target, new MemoryFetcher(files), file, Ct));
        Assert.Equal(fault, e.Fault);
        Assert.Empty(Directory.GetFiles(_vendor.Temp("download")));
    }

    [Fact]
    public async Task A_target_whose_digests_we_can_not_compute_hides_no_other_and_is_not_taken()
    {
        var (key, expires) = (_vendor.TargetsKey, _vendor.Clock.Now.AddDays(1));
        var files = Edited("1.targets.json", targets =>
        {
            targets["signed"]!["version"] = 2;
            targets["signed"]!["targets"] = JsonNode.Parse("""
                { "new": { "length": 1, "hashes": { "sha9-512": "00" } }, "old": { "length": 1, "hashes": { "sha512": "%" } } }
                """.Replace("%", Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData("x"u8))));
        }, key);
        var targets = files["1.targets.json"];
        files["2.targets.json"] = targets;
        files["2.snapshot.json"] = Signatures.Add(new MetaDraft(RoleNames.Snapshot, 2, expires, [
            KeyValuePair.Create("targets.json", new MetaFile(2, null, null)),
            KeyValuePair.Create("mail-server.json", new MetaFile(1, null, null))]).ToBytes(), "snapshot.json", _vendor.OnlineKeys.Snapshot[0]);
        files["timestamp.json"] = Signatures.Add(new MetaDraft(RoleNames.Timestamp, 2, expires, [
            KeyValuePair.Create("snapshot.json", new MetaFile(2, null, null))]).ToBytes(), "timestamp.json", _vendor.OnlineKeys.Timestamp[0]);
        var client = await _customer.RefreshAsync(new MemoryFetcher(files));

        var old = await client.FindAsync("old", Ct);
        var served = new MemoryFetcher(new Dictionary<string, byte[]> { [client.UrlPathOf(old)] = [(byte)'x'] });
        Assert.True(await client.DownloadAsync(old, served, _vendor.Temp("old"), Ct));
        var e = Assert.Throws<TrustException>(() => client.UrlPathOf(client.Targets.Targets["new"]));
        Assert.Equal(TrustFault.DigestMismatch, e.Fault);
    }

    [Fact]
    public async Task A_folder_can_not_be_left_through_a_path()
    {
        var folder = new FolderFetcher(_vendor.Published);
        foreach (var path in new[] { "../keys/timestamp-1.json", "..%2Fkeys%2Ftimestamp-1.json", "%2e%2e/x", "a//b", "%00" })
            Assert.Equal(TrustFault.PathUnsafe, (await Assert.ThrowsAsync<TrustException>(() => folder.OpenAsync(path, Ct))).Fault);
    }

    private Dictionary<string, byte[]> Edited(string name, Action<JsonNode> edit, params SigningKey[] keys)
    {
        var files = _vendor.State!.Files().ToDictionary();
        var json = JsonNode.Parse(files[name])!;
        json["signatures"] = new JsonArray();
        edit(json);
        files[name] = Signatures.Add(JsonSerializer.SerializeToUtf8Bytes(json), name, keys);
        return files;
    }

    private TestCustomer Newcomer(Dictionary<string, byte[]> files)
    {
        var store = new MemoryMetadata();
        store.Write(RoleNames.Root, files["1.root.json"]);
        return new TestCustomer(store, _vendor.Published, _vendor.Clock);
    }

    public ValueTask DisposeAsync()
    {
        _vendor.Dispose();
        return ValueTask.CompletedTask;
    }
}
