using Mithi.Trust.Client;
using Mithi.Trust.Keys;
using Mithi.Trust.Metadata;
using Mithi.Trust.Repository;

namespace Mithi.Trust.Tests.Repository;

/// <summary>What the key ceremony's page promises: nobody has to visit a customer after any of these.</summary>
public sealed class DrillTests : IAsyncLifetime
{
    private readonly TestVendor _vendor = new();
    private Target _target = null!;
    private TestCustomer _customer = null!;

    public async ValueTask InitializeAsync()
    {
        _vendor.Found();
        _target = await _vendor.ReleaseAsync("1.0.0", "one");
        await _vendor.PublishAsync();
        _customer = _vendor.Customer();
        await _customer.FindAsync(_target.Path);
    }

    [Fact]
    public async Task One_of_three_root_keys_is_lost()
    {
        var fresh = SigningKey.Generate();
        Change(RoleNames.Root, r => r.With([fresh.Public], new HashSet<string> { _vendor.RootKeys[2].Public.Id }, null));
        _vendor.Releases.Sign([_vendor.RootKeys[0], _vendor.RootKeys[1]]);
        await _vendor.PublishAsync();
        Assert.Equal(2, (await _customer.RefreshAsync()).Root.Version);

        // The lost key is worth nothing now, and the new one as much as the others.
        _vendor.Releases.StageRoot(roles => roles);
        _vendor.Releases.Sign([_vendor.RootKeys[2], _vendor.RootKeys[0]]);
        Assert.NotEmpty(_vendor.Releases.Missing());
        _vendor.Releases.Sign([fresh]);
        await _vendor.PublishAsync();
        Assert.Equal(3, (await _customer.RefreshAsync()).Root.Version);
    }

    [Fact]
    public async Task The_timestamp_key_leaks_and_a_thief_runs_the_versions_forward()
    {
        var thief = _vendor.OnlineKeys;
        var state = _vendor.State!;
        var forged = Signatures.Add(new MetaDraft(RoleNames.Timestamp, 1_000_000, _vendor.Clock.Now.AddDays(300),
            [KeyValuePair.Create("snapshot.json", MetaDraft.Of(new SnapshotFile(state.Snapshot)))]).ToBytes(), "timestamp.json", thief.Timestamp);
        await _customer.RefreshAsync(new MemoryFetcher((state with { Timestamp = forged }).Files()));
        Assert.Equal(TrustFault.Rollback, (await _customer.IsRefusedAsync()).Fault);

        _vendor.OnlineKeys = OnlineKeys.Rotate(_vendor.KeyFolder, RoleNames.Timestamp);
        Change(RoleNames.Timestamp, _ => new RoleKeys(1, [_vendor.OnlineKeys.Trust.Timestamp]));
        _vendor.Releases.Sign([_vendor.RootKeys[0], _vendor.RootKeys[2]]);
        await _vendor.PublishAsync();

        Assert.Equal(2, (await _customer.RefreshAsync()).Timestamp.Version);
        var again = new MemoryFetcher((_vendor.State! with { Timestamp = forged }).Files());
        Assert.Equal(TrustFault.ThresholdNotMet, (await _customer.IsRefusedAsync(again)).Fault);
    }

    [Fact]
    public async Task A_products_key_leaks()
    {
        var (stolen, fresh) = (_vendor.ProductKey, SigningKey.Generate());
        _vendor.Releases.StageTargets(products => products.ToDictionary(p => p.Key,
            p => p.Value.With([fresh.Public], new HashSet<string> { stolen.Public.Id }, null)));
        _vendor.Releases.Sign([_vendor.TargetsKey, fresh]);
        await _vendor.PublishAsync();
        Assert.Equal(_target.Digests.First, (await _customer.FindAsync(_target.Path)).Digests.First);

        // A forged release reaches nobody, not even through the publishing API.
        await _vendor.ReleaseAsync("6.6.6", "evil");
        Assert.Equal(TrustFault.ThresholdNotMet, (await Assert.ThrowsAsync<TrustException>(_vendor.PublishAsync)).Fault);
        _vendor.ProductKey = fresh;
        await _vendor.ReleaseAsync("1.0.0-p1", "two");
        await _vendor.PublishAsync();
    }

    [Fact]
    public async Task Every_key_is_rotated()
    {
        var (old, fresh) = (_vendor.RootKeys, new[] { SigningKey.Generate(), SigningKey.Generate(), SigningKey.Generate() });
        var (targets, product) = (SigningKey.Generate(), SigningKey.Generate());
        OnlineKeys.Rotate(_vendor.KeyFolder, RoleNames.Snapshot);
        _vendor.OnlineKeys = OnlineKeys.Rotate(_vendor.KeyFolder, RoleNames.Timestamp);
        _vendor.Releases.StageRoot(_ => new Dictionary<string, RoleKeys>
        {
            [RoleNames.Root] = new(2, [.. fresh.Select(k => k.Public)]),
            [RoleNames.Targets] = new(1, [targets.Public]),
            [RoleNames.Snapshot] = new(1, [_vendor.OnlineKeys.Trust.Snapshot]),
            [RoleNames.Timestamp] = new(1, [_vendor.OnlineKeys.Trust.Timestamp]),
        });
        _vendor.Releases.StageTargets(_ => new Dictionary<string, RoleKeys> { [TestVendor.Product] = new(1, [product.Public]) });
        _vendor.Releases.Sign([old[0], old[1], fresh[0], fresh[1], targets, product]);
        await _vendor.PublishAsync();

        Assert.Equal(_target.Digests.First, (await _customer.FindAsync(_target.Path)).Digests.First);
        var beginner = _vendor.Customer();
        Assert.Equal(_target.Digests.First, (await beginner.FindAsync(_target.Path)).Digests.First);
        _vendor.Releases.StageRoot(roles => roles);
        _vendor.Releases.Sign(old);
        Assert.Equal(TrustFault.ThresholdNotMet, Assert.Throws<TrustException>(_vendor.Releases.Proposal).Fault);
    }

    private void Change(string role, Func<RoleKeys, RoleKeys> change)
        => _vendor.Releases.StageRoot(roles => roles.ToDictionary(r => r.Key, r => r.Key == role ? change(r.Value) : r.Value));

    public ValueTask DisposeAsync()
    {
        _vendor.Dispose();
        return ValueTask.CompletedTask;
    }
}
