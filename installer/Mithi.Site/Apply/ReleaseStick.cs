using Mithi.Archive;
using Mithi.Cli;
using Mithi.Trust;
using Mithi.Trust.Client;
using Mithi.Trust.Metadata;

namespace Mithi.Site.Apply;

/// <summary>A folder or stick with a whole repository: <c>metadata/</c> and <c>targets/</c>. The same checks as over the network.</summary>
internal sealed class ReleaseStick(string folder, string trust, TimeProvider time)
{
    /// <summary>Verified copies of the archives that lead from what is installed to a version, in order.</summary>
    /// <param name="product">Which product, and where it is installed.</param>
    /// <param name="version">The version to reach.</param>
    /// <param name="to">A scratch folder for the copies: what was verified must not change on the stick afterwards.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<IReadOnlyList<string>> FetchAsync(ProductFolder product, ReleaseVersion version, string to, CancellationToken ct)
    {
        if (!File.Exists(Path.Join(trust, "root.json")))
            throw new UserException($"{trust} has no root.json.", "Name the folder of trusted metadata with --trust; a stick can't say itself whom to trust.");
        var client = new TufClient(new MetadataFolder(trust), new FolderFetcher(Path.Join(folder, "metadata")), time);
        await client.RefreshAsync(ct);

        var installed = product.Installed();
        var chain = new List<string>();
        for (ReleaseVersion? next = version; next is not null && (next == version || !installed.Contains(next));)
        {
            var (path, manifest) = await FetchOneAsync(client, product, next, chain.Count == 0 ? installed : [], to, ct);
            chain.Insert(0, path);
            next = manifest.Base?.Version;
        }
        return chain;
    }

    // What leans on an installed version is smaller than the build; without it the build leans on nothing.
    private async Task<(string Path, Manifest Manifest)> FetchOneAsync(
        TufClient client, ProductFolder product, ReleaseVersion version, IReadOnlyList<ReleaseVersion> installed, string to, CancellationToken ct)
    {
        ArchiveKind[] kinds = version == version.Build ? [ArchiveKind.Build]
            : installed.Count == 0 ? [ArchiveKind.Build, ArchiveKind.Patch, ArchiveKind.ServicePack]
            : [ArchiveKind.Patch, ArchiveKind.ServicePack, ArchiveKind.Build];
        foreach (var kind in kinds)
        {
            var name = new ArchiveName(product.Product, version, "linux-x64", kind);
            if (await FindAsync(client, name, ct) is not { } target) continue;
            var path = Path.Join(to, name.ToString());
            await client.DownloadAsync(target, new FolderFetcher(Path.Join(folder, "targets")), path, ct);
            return (path, ArchiveReader.ManifestOf(path));
        }
        throw new UserException($"{folder} has nothing that leads to {product.Product} {version}.", "mithi-release show says what an archive is; ask for a newer stick.");
    }

    private static async Task<Target?> FindAsync(TufClient client, ArchiveName name, CancellationToken ct)
    {
        try
        {
            return await client.FindAsync(name.TargetPath, ct);
        }
        catch (TrustException e) when (e.Fault == TrustFault.TargetUnknown)
        {
            return null;
        }
    }
}
