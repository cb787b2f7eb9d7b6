using System.Text;
using Mithi.Trust.Client;
using Mithi.Trust.Keys;
using Mithi.Trust.Metadata;
using Mithi.Trust.Repository;

namespace Mithi.Trust.Tests.Repository;

public sealed class PublishTests : IDisposable
{
    private readonly TestVendor _vendor = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_vendor_signs_a_customer_can_verify_and_download_once()
    {
        _vendor.Found();
        var target = await _vendor.ReleaseAsync("1.0.0", "the whole mail server");
        var publication = await _vendor.PublishAsync();
        Assert.Equal(1, publication.SnapshotVersion);
        Assert.Equal([target.Path], publication.NewTargets.Select(t => t.Path));

        var client = await _vendor.Customer().RefreshAsync();
        var found = await client.FindAsync("mail-server/1.0.0/mail-server-1.0.0.linux-x64.build.tar.zst", Ct);
        Assert.Equal("""{"kind":"build"}""", found.Custom);
        var file = _vendor.Temp("downloaded");
        var targets = new MemoryFetcher(new Dictionary<string, byte[]>
        {
            [client.UrlPathOf(found)] = await File.ReadAllBytesAsync(_vendor.Releases.PathOf(found), Ct),
        });
        Assert.True(await client.DownloadAsync(found, targets, file, Ct));
        Assert.Equal("the whole mail server", await File.ReadAllTextAsync(file, Ct));
        Assert.False(await client.DownloadAsync(found, new MemoryFetcher(new Dictionary<string, byte[]>()), file, Ct));
    }

    [Fact]
    public async Task A_second_release_is_one_snapshot_later_and_keeps_the_first()
    {
        _vendor.Found();
        var first = await _vendor.ReleaseAsync("1.0.0", "one");
        await _vendor.PublishAsync();
        var customer = _vendor.Customer();
        await customer.RefreshAsync();
        var second = await _vendor.ReleaseAsync("1.0.0-p1", "two");
        var publication = await _vendor.PublishAsync();
        Assert.Equal(2, publication.SnapshotVersion);
        Assert.Equal([second.Path], publication.NewTargets.Select(t => t.Path));
        Assert.Equal(first.Digests.First, (await customer.FindAsync(first.Path)).Digests.First);
        Assert.Equal(second.Digests.First, (await customer.FindAsync(second.Path)).Digests.First);
    }

    [Fact]
    public async Task One_root_signature_of_two_is_not_enough_to_publish()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        var proposal = _vendor.Releases.Proposal();
        var half = SignedBy(proposal.Roots[0], _vendor.RootKeys[0]);
        var e = await Assert.ThrowsAsync<TrustException>(() => _vendor.PublishAsync(proposal with { Roots = [half] }));
        Assert.Equal(TrustFault.ThresholdNotMet, e.Fault);
        Assert.Null(_vendor.State);
    }

    [Fact]
    public void Signatures_are_collected_one_key_holder_after_the_other()
    {
        _vendor.Releases.StageRoot(_ => new Dictionary<string, RoleKeys>
        {
            [RoleNames.Root] = new(2, [.. _vendor.RootKeys.Select(k => k.Public)]),
            [RoleNames.Targets] = new(1, [_vendor.TargetsKey.Public]),
            [RoleNames.Snapshot] = new(1, [_vendor.OnlineKeys.Trust.Snapshot]),
            [RoleNames.Timestamp] = new(1, [_vendor.OnlineKeys.Trust.Timestamp]),
        });
        Assert.Equal(["1.root.json"], _vendor.Releases.Sign([_vendor.RootKeys[2]]));
        Assert.Equal(1, Assert.Single(_vendor.Releases.Missing()).Votes);
        Assert.Equal(TrustFault.ThresholdNotMet, Assert.Throws<TrustException>(_vendor.Releases.Proposal).Fault);
        Assert.Equal(["1.root.json"], _vendor.Releases.Sign([_vendor.RootKeys[2]]));
        Assert.Equal(1, Assert.Single(_vendor.Releases.Missing()).Votes);
        Assert.Equal(["1.root.json"], _vendor.Releases.Sign([_vendor.RootKeys[0]]));
        Assert.Empty(_vendor.Releases.Missing());
    }

    [Fact]
    public async Task A_root_that_is_not_fully_signed_is_changed_in_place_and_a_signed_one_never_is()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        Assert.Equal(2, _vendor.Releases.StageRoot(roles => roles));
        Assert.Equal(2, _vendor.Releases.StageRoot(roles => roles));
        _vendor.Releases.Sign(_vendor.RootKeys);
        Assert.Equal(3, _vendor.Releases.StageRoot(roles => roles));
    }

    [Fact]
    public async Task Other_bytes_under_a_published_version_are_refused()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        var proposal = _vendor.Releases.Proposal();
        await _vendor.PublishAsync();
        var changed = TargetsDraft.Of(new TargetsFile(proposal.Roles["mail-server"], "mail-server")) with { Targets = new Dictionary<string, Target>() };
        var forged = Signatures.Add(changed.ToBytes(), "mail-server.json", _vendor.ProductKey);
        await RefusedAsync(TrustFault.SameVersionChanged, new Proposal([], new Dictionary<string, byte[]> { ["mail-server"] = forged }));
    }

    [Fact]
    public async Task A_product_that_goes_back_is_refused()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        var old = _vendor.Releases.Proposal();
        await _vendor.PublishAsync();
        await _vendor.ReleaseAsync("1.0.0-p1", "two");
        await _vendor.PublishAsync();
        await RefusedAsync(TrustFault.Rollback, old);
    }

    [Fact]
    public async Task A_product_signed_by_the_key_of_nobody_is_refused()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        var proposal = _vendor.Releases.Proposal();
        var roles = proposal.Roles.ToDictionary();
        roles["mail-server"] = SignedBy(roles["mail-server"], SigningKey.Generate());
        await RefusedAsync(TrustFault.ThresholdNotMet, proposal with { Roles = roles });
    }

    [Fact]
    public async Task A_product_cannot_name_a_target_of_another()
    {
        _vendor.Found();
        var draft = new TargetsDraft(1, _vendor.Clock.Now + Lifetimes.Targets, new Dictionary<string, Target>
        {
            ["other/1.0.0/x"] = new("other/1.0.0/x", 1, FileDigests.Of("x"u8), null),
        }, new Dictionary<string, RoleKeys>());
        var roles = new Dictionary<string, byte[]>
        {
            ["targets"] = _vendor.Releases.Role("targets")!.Bytes.ToArray(),
            ["mail-server"] = Signatures.Add(draft.ToBytes(), "mail-server.json", _vendor.ProductKey),
        };
        await RefusedAsync(TrustFault.TargetUnknown, new Proposal(_vendor.Releases.Roots(), roles));
    }

    [Fact]
    public async Task A_role_that_targets_does_not_delegate_to_is_refused()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        var proposal = _vendor.Releases.Proposal();
        var roles = proposal.Roles.ToDictionary();
        roles["stranger"] = roles["mail-server"];
        await RefusedAsync(TrustFault.KeyNotTrusted, proposal with { Roles = roles });
    }

    [Fact]
    public async Task A_root_that_names_another_nodes_keys_is_refused()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        _vendor.OnlineKeys = new OnlineKeys([SigningKey.Generate()], [SigningKey.Generate()]);
        await RefusedAsync(TrustFault.KeyNotTrusted, _vendor.Releases.Proposal());
    }

    [Fact]
    public async Task Metadata_that_has_expired_is_refused()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        _vendor.Clock.Now += Lifetimes.Targets;
        await RefusedAsync(TrustFault.Expired, _vendor.Releases.Proposal());
    }

    [Fact]
    public async Task A_node_signs_again_at_half_life_and_not_before()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        await _vendor.PublishAsync();
        var check = new RepositoryCheck(_vendor.OnlineKeys, _vendor.Clock);
        Assert.Null(await check.RenewAsync(_vendor.State!, Ct));
        _vendor.Clock.Now += TimeSpan.FromDays(8);
        var renewed = await check.RenewAsync(_vendor.State!, Ct);
        Assert.Equal(1, renewed!.SnapshotVersion);
        renewed.WriteTo(_vendor.Published);
        Assert.Equal(2, (await _vendor.Customer().RefreshAsync()).Timestamp.Version);
        _vendor.Clock.Now += TimeSpan.FromDays(13);
        renewed = await check.RenewAsync(_vendor.State!, Ct);
        Assert.Equal(2, renewed!.SnapshotVersion);
    }

    [Fact]
    public async Task A_publication_that_was_cut_off_is_replaced_by_the_next()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        await _vendor.PublishAsync();
        var timestamp = await File.ReadAllBytesAsync(Path.Join(_vendor.Published, "timestamp.json"), Ct);
        await _vendor.ReleaseAsync("1.0.0-p1", "two");
        await _vendor.PublishAsync();
        // Everything was written but the timestamp; customers saw nothing of it.
        await File.WriteAllBytesAsync(Path.Join(_vendor.Published, "timestamp.json"), timestamp, Ct);
        var customer = _vendor.Customer();
        Assert.Equal(1, (await customer.RefreshAsync()).Snapshot.Version);

        var third = await _vendor.ReleaseAsync("1.0.0-p2", "three");
        _vendor.Clock.Now += TimeSpan.FromHours(1);
        Assert.Equal(2, (await _vendor.PublishAsync()).SnapshotVersion);
        Assert.Equal(third.Digests.First, (await customer.FindAsync(third.Path)).Digests.First);
    }

    [Fact]
    public async Task New_online_keys_that_were_cut_off_half_way_are_put_right_by_signing_again()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        await _vendor.PublishAsync();
        _vendor.OnlineKeys = OnlineKeys.Rotate(_vendor.KeyFolder, RoleNames.Timestamp);
        _vendor.Releases.StageRoot(roles => roles.ToDictionary(r => r.Key,
            r => r.Key == RoleNames.Timestamp ? new RoleKeys(1, [_vendor.OnlineKeys.Trust.Timestamp]) : r.Value));
        _vendor.Releases.Sign(_vendor.RootKeys);
        await File.WriteAllBytesAsync(Path.Join(_vendor.Published, "2.root.json"), _vendor.Releases.Roots()[1], Ct);

        var customer = _vendor.Customer();
        Assert.Equal(TrustFault.ThresholdNotMet, (await customer.IsRefusedAsync()).Fault);
        var renewed = await new RepositoryCheck(_vendor.OnlineKeys, _vendor.Clock).RenewAsync(_vendor.State!, Ct);
        renewed!.WriteTo(_vendor.Published);
        Assert.Equal(2, (await customer.RefreshAsync()).Timestamp.Version);
    }

    [Fact]
    public async Task The_same_archive_name_with_other_bytes_is_not_signed()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        var e = await Assert.ThrowsAsync<TrustException>(() => _vendor.ReleaseAsync("1.0.0", "two"));
        Assert.Equal(TrustFault.SameVersionChanged, e.Fault);
    }

    private async Task RefusedAsync(TrustFault fault, Proposal proposal)
    {
        var before = Files();
        var e = await Assert.ThrowsAsync<TrustException>(() => _vendor.PublishAsync(proposal));
        Assert.True(fault == e.Fault, e.Message);
        Assert.Equal(before, Files());
    }

    private string[] Files()
        => Directory.Exists(_vendor.Published) ? [.. Directory.GetFiles(_vendor.Published).Order()] : [];

    private static byte[] SignedBy(byte[] file, SigningKey key)
    {
        var text = Encoding.UTF8.GetString(file);
        var bare = """{"signatures":[],""" + text[text.IndexOf("\"signed\":", StringComparison.Ordinal)..];
        return Signatures.Add(Encoding.UTF8.GetBytes(bare), "file", key);
    }

    public void Dispose() => _vendor.Dispose();
}
