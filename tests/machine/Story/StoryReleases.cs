using System.Security.Cryptography;
using Mithi.Cli;
using Mithi.Testing;

namespace Mithi.Machine.Tests.Story;

/// <summary>The release engineer's side: the real product and operating system, packed, signed and published by mithi-release.</summary>
internal sealed class StoryReleases(TempFolder work)
{
    public const string Product = "mithi-mail-server";
    public const string Os = "mithi-os";
    private const string Platform = "linux-x64";

    private static string Program => Path.Join(Checkout.Artifacts, "mithi-release", "mithi-release");

    private static string Cache => Path.Join(Checkout.Artifacts, "cache");

    /// <summary>The patch's version and archive.</summary>
    public const string Patch = "1.0.0-sp1-p1";
    public const string PatchName = $"{Product}-{Patch}.{Platform}.patch.tar.zst";

    private string Image => work.File($"{Os}-1.0.0.{Platform}.os-image.tar.zst");

    /// <summary>Builds and packs the operating system, build 1.0.0 and service pack 1; none of it knows of any ticket.</summary>
    public async Task PackAsync(CancellationToken ct)
    {
        await RunAsync(ct, "os-image", "--recipe", Path.Join(Checkout.Root, "release-tooling/products/os-image"), "--output", work.Path, "--cache", Cache);
        await TreeAsync("1.0.0", ct);
        await TreeAsync("1.0.0-sp1", ct);
        await RunAsync(ct, "pack", work.File("1.0.0/tree"));
        await RunAsync(ct, "service-pack", work.File($"{Product}-1.0.0.{Platform}.build.tar.zst"), work.File("1.0.0-sp1/tree"));
    }

    /// <summary>The SHA-256 of an archive as it was packed.</summary>
    public async Task<string> DigestAsync(string name, CancellationToken ct)
    {
        await using var archive = File.OpenRead(work.File(name));
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(archive, ct));
    }

    /// <summary>Packs the patch over service pack 1 that fixes a ticket.</summary>
    public async Task PackPatchAsync(string ticket, CancellationToken ct)
    {
        await TreeAsync(Patch, ct);
        await RunAsync(ct, "patch", work.File($"{Product}-1.0.0-sp1.{Platform}.service-pack.tar.zst"), work.File($"{Patch}/tree"), "--fix", ticket);
    }

    /// <summary>Makes keys and the root of trust, with the node's own keys in it.</summary>
    public async Task StartTrustAsync(byte[] nodeTrust, CancellationToken ct)
    {
        await File.WriteAllBytesAsync(work.File("node.json"), nodeTrust, ct);
        foreach (var key in new[] { "root-a", "root-b", "root-c", "targets", Product, Os })
            await RunAsync(ct, "keys", "new", "--plain", "--name", key, "--out", $"{key}.key");
        await RunAsync(ct, "keys", "init", "--repo", "releases", "--root", "root-a.pub", "root-b.pub", "root-c.pub", "--targets", "targets.pub",
            "--node", "node.json", "--product", $"{Product}={Product}.pub", $"{Os}={Os}.pub", "--keys", "root-a.key", "root-b.key", "targets.key");
    }

    public async Task PublishAsync(Uri node, string pin, string token, bool patch, CancellationToken ct)
    {
        await File.WriteAllTextAsync(work.File("token"), token, ct);
        string[] archives = patch
            ? [PatchName]
            : [$"{Product}-1.0.0.{Platform}.build.tar.zst", $"{Product}-1.0.0-sp1.{Platform}.service-pack.tar.zst", Path.GetFileName(Image)];
        await RunAsync(ct, ["sign", "--repo", "releases", "--keys", $"{Product}.key", $"{Os}.key", "--", .. archives]);
        await RunAsync(ct, "publish", "--repo", "releases", "--node", node.ToString(), "--pin", pin, "--token-file", "token");
    }

    private Task TreeAsync(string version, CancellationToken ct)
        => Proc.OutputAsync(Path.Join(Checkout.Root, "release-tooling/products/mail-server/build"),
            ["--image", Image, "--cache", Cache, version, work.File(version)], new() { Timeout = TimeSpan.FromMinutes(15) }, ct);

    private Task<string> RunAsync(CancellationToken ct, params string[] arguments)
        => File.Exists(Program)
            ? Proc.OutputAsync(Program, arguments, new() { WorkingDirectory = work.Path, Timeout = TimeSpan.FromMinutes(25) }, ct)
            : throw new InvalidOperationException($"{Program} is not there. Publish it first: dotnet cake --target=Publish");
}
