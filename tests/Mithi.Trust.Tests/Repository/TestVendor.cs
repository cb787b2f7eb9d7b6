using Mithi.Trust.Client;
using Mithi.Trust.Keys;
using Mithi.Trust.Metadata;
using Mithi.Trust.Repository;

namespace Mithi.Trust.Tests.Repository;

/// <summary>A vendor with three root keys, one targets key and one product, and the node that it publishes to.</summary>
internal sealed class TestVendor : IDisposable
{
    public const string Product = "mail-server";

    private readonly TempFolder _temp = new();

    public TestVendor()
    {
        Releases = new ReleaseFolder(_temp / "releases", Clock);
        OnlineKeys = OnlineKeys.LoadOrCreate(_temp / "keys");
    }

    public FixedClock Clock { get; } = new(DateTimeOffset.Parse("2026-06-01T12:00:00Z"));
    public SigningKey[] RootKeys { get; } = [SigningKey.Generate(), SigningKey.Generate(), SigningKey.Generate()];
    public SigningKey TargetsKey { get; } = SigningKey.Generate();
    public SigningKey ProductKey { get; set; } = SigningKey.Generate();
    public OnlineKeys OnlineKeys { get; set; }
    public ReleaseFolder Releases { get; }
    public string KeyFolder => _temp / "keys";
    public string Published => _temp / "published";
    public PublishedState? State => PublishedState.Load(Published);

    /// <summary>Stages the first root, targets with one product, and signs both.</summary>
    public void Found()
    {
        Releases.StageRoot(_ => new Dictionary<string, RoleKeys>
        {
            [RoleNames.Root] = new(2, [.. RootKeys.Select(k => k.Public)]),
            [RoleNames.Targets] = new(1, [TargetsKey.Public]),
            [RoleNames.Snapshot] = new(1, [OnlineKeys.Trust.Snapshot]),
            [RoleNames.Timestamp] = new(1, [OnlineKeys.Trust.Timestamp]),
        });
        Releases.StageTargets(_ => new Dictionary<string, RoleKeys> { [Product] = new(1, [ProductKey.Public]) });
        Releases.Sign([RootKeys[0], RootKeys[1], TargetsKey]);
    }

    public async Task<Target> ReleaseAsync(string version, string content)
    {
        var archive = _temp / $"{Product}-{version}.linux-x64.build.tar.zst";
        await File.WriteAllTextAsync(archive, content);
        var target = await Releases.AddArchiveAsync(Product, version, archive, """{ "kind": "build" }""", default);
        Releases.Sign([ProductKey]);
        return target;
    }

    public async Task<Publication> PublishAsync() => await PublishAsync(Releases.Proposal());

    public async Task<Publication> PublishAsync(Proposal proposal)
    {
        var publication = await new RepositoryCheck(OnlineKeys, Clock).AcceptAsync(State, proposal, default);
        publication.WriteTo(Published);
        return publication;
    }

    /// <summary>A customer whose medium carries the first root.</summary>
    public TestCustomer Customer()
    {
        var store = new MemoryMetadata();
        store.Write(RoleNames.Root, Releases.Roots()[0]);
        return new TestCustomer(store, Published, Clock);
    }

    public string Temp(string name) => _temp / name;

    public void Dispose() => _temp.Dispose();
}

/// <summary>Remembers between calls, like a site does.</summary>
internal sealed class TestCustomer(IMetadataStore store, string published, TimeProvider time)
{
    public IMetadataStore Store => store;

    public async Task<TufClient> RefreshAsync(IFetcher? from = null)
    {
        var client = new TufClient(store, from ?? new FolderFetcher(published), time);
        await client.RefreshAsync(default);
        return client;
    }

    public async Task<Target> FindAsync(string path) => await (await RefreshAsync()).FindAsync(path, default);

    public Task<TrustException> IsRefusedAsync(IFetcher? from = null) => Assert.ThrowsAsync<TrustException>(() => RefreshAsync(from));
}
