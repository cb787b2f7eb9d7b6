using Microsoft.Extensions.DependencyInjection;
using Mithi.Archive;
using Mithi.Downloads.Publishing;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Trust.Keys;
using Mithi.Trust.Repository;

namespace Mithi.Downloads.Sample;

/// <summary>A product with a build, a service pack and a patch, signed and published by the same road as a real one.</summary>
/// <remarks>Its keys and release folder stay in <c>keys/sample-release</c>, so that one can go on releasing from there.</remarks>
public static class DownloadsSample
{
    public const string Product = "sample-notes";

    /// <param name="fixedTicket">The number of the ticket that the patch fixes.</param>
    /// <param name="channel">For whom it is.</param>
    public static async Task AddAsync(IServiceProvider services, CurrentPerson engineer, string fixedTicket, CancellationToken ct, string channel = "stable")
    {
        var publications = services.GetRequiredService<Publications>();
        var home = Path.Join(services.GetRequiredService<DataFolder>().Keys, "sample-release");
        Directory.CreateDirectory(home);
        var folder = new ReleaseFolder(Path.Join(home, "releases"), services.GetRequiredService<TimeProvider>());
        var keys = Start(folder, home, publications.Keys);

        var build = Pack(home, "1.0.0", "Hello.\n", null, [], "The first version.");
        var pack = Pack(home, "1.0.0-sp1", "Hello again.\n", build.Manifest, [], "All corrections since 1.0.0.");
        var patch = Pack(home, "1.0.0-sp1-p1", "Hello again, everybody.\n", pack.Manifest with { Kind = ArchiveKind.Build, Base = null }, [fixedTicket],
            $"Corrects what #{fixedTicket} reports.");
        foreach (var archive in new[] { build, pack, patch })
        {
            await folder.AddArchiveAsync(Product, archive.Manifest.Version.ToString(), archive.Path, null, ct);
            await using var file = File.OpenRead(archive.Path);
            await services.GetRequiredService<BlobStore>().PutAsync(file, Limits.ArchiveBytesMax, ct);
        }
        folder.Sign(keys);
        await publications.PublishAsync(folder.Proposal(), channel, engineer, ct);
    }

    private static SigningKey[] Start(ReleaseFolder folder, string home, OnlineKeys node)
    {
        var keys = new[] { "root-a", "root-b", "root-c", "targets", Product }.ToDictionary(name => name, _ => SigningKey.Generate());
        foreach (var (name, key) in keys) KeyFile.Save(Path.Join(home, $"{name}.key"), key, $"sample, {name}", passphrase: null);
        folder.StageRoot(_ => new Dictionary<string, RoleKeys>
        {
            [Trust.Metadata.RoleNames.Root] = new(2, [keys["root-a"].Public, keys["root-b"].Public, keys["root-c"].Public]),
            [Trust.Metadata.RoleNames.Targets] = new(1, [keys["targets"].Public]),
            [Trust.Metadata.RoleNames.Snapshot] = new(1, [node.Trust.Snapshot]),
            [Trust.Metadata.RoleNames.Timestamp] = new(1, [node.Trust.Timestamp]),
        });
        folder.StageTargets(_ => new Dictionary<string, RoleKeys> { [Product] = new(1, [keys[Product].Public]) });
        return [.. keys.Values];
    }

    private static PackedArchive Pack(string home, string version, string text, Manifest? from, IReadOnlyList<string> fixes, string notes)
    {
        var tree = Path.Join(home, "trees", version);
        Directory.CreateDirectory(tree);
        File.WriteAllText(Path.Join(tree, "notes.txt"), text);
        File.WriteAllText(Path.Join(tree, "licence.txt"), "For trying the download centre.\n");
        var whole = new Manifest
        {
            Product = Product, Version = ReleaseVersion.Parse(version), Platform = "linux-x64", Kind = ArchiveKind.Build, Stamp = 1_760_000_000,
            Fixes = fixes, Notes = notes, Entries = TreeScan.Read(tree),
        };
        var kind = fixes.Count > 0 ? ArchiveKind.Patch : ArchiveKind.ServicePack;
        return ArchiveWriter.WriteFile(from is null ? whole : PatchPlan.Between(from, whole, kind), tree, home);
    }
}
