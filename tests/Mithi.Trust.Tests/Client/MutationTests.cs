using System.Text;
using Mithi.Trust.Client;
using Mithi.Trust.Metadata;
using Mithi.Trust.Tests.Repository;

namespace Mithi.Trust.Tests.Client;

/// <summary>Bytes that were damaged on their way, by chance or with intent; the seed makes a failure repeatable.</summary>
public sealed class MutationTests : IAsyncLifetime
{
    private const int Rounds = 400;
    private static readonly string[] Fragments =
        ["\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "-1", "1e9", "\"\\ud800\":1,", "\"signed\":{},", "\u0000", "99999999999999999999"];

    private readonly TestVendor _vendor = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _vendor.Found();
        await _vendor.ReleaseAsync("1.0.0", "one");
        await _vendor.PublishAsync();
    }

    [Theory]
    [InlineData("1.root.json")]
    [InlineData("timestamp.json")]
    [InlineData("1.snapshot.json")]
    [InlineData("1.targets.json")]
    [InlineData("1.mail-server.json")]
    public async Task A_damaged_file_is_refused_or_means_the_same(string name)
    {
        var files = _vendor.State!.Files();
        var target = (await (await _vendor.Customer().RefreshAsync()).FindAsync(_vendor.Releases.Targets()[0].Path, Ct)).Digests.First;
        for (var seed = 0; seed < Rounds; seed++)
        {
            var damaged = files.ToDictionary();
            damaged[name] = Damage(files[name], new Random(seed));
            var store = new MemoryMetadata();
            store.Write(RoleNames.Root, damaged["1.root.json"]);
            try
            {
                var client = new TufClient(store, new MemoryFetcher(damaged), _vendor.Clock);
                await client.RefreshAsync(Ct);
                Assert.Equal(target, (await client.FindAsync(_vendor.Releases.Targets()[0].Path, Ct)).Digests.First);
            }
            catch (Exception e) when (e is not TrustException)
            {
                Assert.Fail($"{name}, seed {seed}: {e}\n{Encoding.UTF8.GetString(damaged[name])}");
            }
            catch (TrustException)
            {
                // Refused, as it should be.
            }
        }
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        var damaged = bytes.ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(4))
            {
                case 0: damaged[at] = (byte)random.Next(256); break;
                case 1: damaged.RemoveRange(at, Math.Min(random.Next(1, 20), damaged.Count - at)); break;
                case 2: damaged.InsertRange(at, damaged.GetRange(at, Math.Min(random.Next(1, 40), damaged.Count - at))); break;
                default: damaged.InsertRange(at, Encoding.UTF8.GetBytes(Fragments[random.Next(Fragments.Length)])); break;
            }
        }
        return [.. damaged];
    }

    public ValueTask DisposeAsync()
    {
        _vendor.Dispose();
        return ValueTask.CompletedTask;
    }
}
