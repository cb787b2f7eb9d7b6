using Mithi.Trust.Client;
using Mithi.Trust.Metadata;
using Mithi.Trust.Repository;

namespace Mithi.Trust.Tests.Cli;

/// <summary>The page wiki-content/administrators-manual/key-ceremony.md, command by command.</summary>
public sealed class KeyCeremonyTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly FixedClock _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_ceremony_and_its_drills_work_as_the_manual_says()
    {
        await File.WriteAllTextAsync(_temp / "passphrase", "correct horse battery\n", Ct);
        await DoneAsync("keys", "new", "--name", "root, Anita", "--out", Key("root-a"), "--passphrase-file", _temp / "passphrase");
        string[] others = ["root-b", "root-c", "root-d", "root-e", "root-f", "targets", "targets-2", "targets-3", "mail-server", "mail-server-2", "mail-server-3"];
        foreach (var name in others) await DoneAsync("keys", "new", "--name", name, "--out", Key(name), "--plain");
        WriteNodeTrust(OnlineKeys.LoadOrCreate(_temp / "node-keys"));

        // Two holders in two rooms: each signs for himself.
        var first = await DoneAsync(["keys", "init", "--repo", Repo, "--root", Pub("root-a"), Pub("root-b"), Pub("root-c"),
            "--targets", Pub("targets"), "--node", _temp / "node.json", "--product", "mail-server=" + Pub("mail-server"), .. By("root-a")]);
        Assert.Contains("1.root.json: 1 of 2 signatures of root", first);
        Assert.Contains("Everything is signed.", await DoneAsync(["sign", "--repo", Repo, .. By("root-b", "targets")]));
        await PublishedAsync();
        var customer = new MetadataFolder(_temp / "customer");
        customer.Init(await File.ReadAllBytesAsync(_temp / "releases/metadata/1.root.json", Ct));
        await AcceptsAsync(customer, rootVersion: 1);

        // A wrong passphrase leaves everything as it was.
        await File.WriteAllTextAsync(_temp / "wrong", "incorrect horse battery\n", Ct);
        await HintAsync("passphrase again", "keys", "rotate", "--repo", Repo, "--renew", "root", "--keys", Key("root-a"), "--passphrase-file", _temp / "wrong");
        Assert.False(File.Exists(_temp / "releases/metadata/2.root.json"));

        // A root key is lost.
        await DoneAsync(["keys", "rotate", "--repo", Repo, "--root", Pub("root-a"), Pub("root-b"), Pub("root-d"), .. By("root-a", "root-b")]);
        await AcceptsAsync(customer, rootVersion: 2);

        // The node's timestamp key leaks.
        WriteNodeTrust(OnlineKeys.Rotate(_temp / "node-keys", RoleNames.Timestamp));
        await DoneAsync(["keys", "rotate", "--repo", Repo, "--node", _temp / "node.json", .. By("root-b", "root-d")]);
        await AcceptsAsync(customer, rootVersion: 3);

        // A product's key leaks.
        Assert.Contains("Everything is signed.", await DoneAsync(["keys", "rotate", "--repo", Repo,
            "--product", "mail-server=" + Pub("mail-server-2"), .. By("targets", "mail-server-2")]));
        await AcceptsAsync(customer, rootVersion: 3);

        // The targets key leaks.
        Assert.Contains("Everything is signed.", await DoneAsync(["keys", "rotate", "--repo", Repo,
            "--targets", Pub("targets-2"), .. By("root-a", "root-b", "targets-2")]));
        await AcceptsAsync(customer, rootVersion: 4);

        // Everything at once.
        OnlineKeys.Rotate(_temp / "node-keys", RoleNames.Snapshot);
        WriteNodeTrust(OnlineKeys.Rotate(_temp / "node-keys", RoleNames.Timestamp));
        Assert.Contains("Everything is signed.", await DoneAsync(["keys", "rotate", "--repo", Repo,
            "--root", Pub("root-d"), Pub("root-e"), Pub("root-f"), "--targets", Pub("targets-3"), "--node", _temp / "node.json",
            "--product", "mail-server=" + Pub("mail-server-3"), .. By("root-a", "root-b", "root-d", "root-e", "targets-3", "mail-server-3")]));
        await AcceptsAsync(customer, rootVersion: 5);

        // A year is over.
        Assert.Contains("Everything is signed.", await DoneAsync(["keys", "rotate", "--repo", Repo,
            "--renew", "root", "targets", "mail-server", .. By("root-d", "root-f", "targets-3", "mail-server-3")]));
        await AcceptsAsync(customer, rootVersion: 6);
        Assert.Contains("root: 2 of 3", await DoneAsync("keys", "show", "--repo", Repo));
    }

    [Fact]
    public async Task A_mistake_is_answered_with_what_to_do()
    {
        await HintAsync("keys init", "sign", "--repo", Repo, "--keys", _temp / "none.key");
        await HintAsync("--passphrase-file", "keys", "new", "--name", "a", "--out", _temp / "a.key");
        await File.WriteAllTextAsync(_temp / "short", "short\n", Ct);
        await HintAsync("four words", "keys", "new", "--name", "a", "--out", _temp / "a.key", "--passphrase-file", _temp / "short");
        await HintAsync("--root", "keys", "init", "--repo", Repo);
        await HintAsync("keys init", "keys", "rotate", "--repo", Repo);
        Assert.False(File.Exists(_temp / "a.key"));
    }

    private string Repo => _temp / "releases";

    private string Key(string name) => _temp / (name + ".key");

    private string Pub(string name) => _temp / (name + ".pub");

    private string[] By(params string[] names) => ["--keys", .. names.Select(Key), "--passphrase-file", _temp / "passphrase"];

    private void WriteNodeTrust(OnlineKeys keys) => File.WriteAllBytes(_temp / "node.json", keys.Trust.ToBytes());

    private async Task PublishedAsync()
    {
        var proposal = new ReleaseFolder(Repo, _clock).Proposal();
        var check = new RepositoryCheck(OnlineKeys.LoadOrCreate(_temp / "node-keys"), _clock);
        (await check.AcceptAsync(PublishedState.Load(_temp / "published"), proposal, Ct)).WriteTo(_temp / "published");
    }

    private async Task AcceptsAsync(MetadataFolder customer, long rootVersion)
    {
        await PublishedAsync();
        var client = new TufClient(customer, new FolderFetcher(_temp / "published"), _clock);
        await client.RefreshAsync(Ct);
        Assert.Equal(rootVersion, client.Root.Version);
    }

    private static async Task<string> DoneAsync(params string[] arguments)
    {
        var result = await ReleaseTool.RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}\n{result.Error}");
        return result.Output;
    }

    private static async Task HintAsync(string hint, params string[] arguments)
    {
        var result = await ReleaseTool.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(hint, result.Error);
    }

    public void Dispose() => _temp.Dispose();
}
