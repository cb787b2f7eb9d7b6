using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.Site.Apply;

/// <summary>The version trees of a product: makes new ones beside the old, and takes the oldest away.</summary>
internal sealed class VersionStore(ProductFolder product, IFaultPoint faults)
{
    /// <summary>Makes the tree of an archive's version, verified and on the disk. One that is there and clean is kept as it is.</summary>
    /// <exception cref="ArchiveException">The archive or its base is refused; nothing but the staging folder was touched.</exception>
    public Manifest Add(string archivePath, Action<long, long>? progress, CancellationToken ct)
    {
        Clean();
        using var file = File.OpenRead(archivePath);
        using var archive = ArchiveReader.Open(file);
        var manifest = archive.Manifest;
        if (manifest.Product != product.Product)
            throw new UserException($"{manifest.Name} is not of {product.Product}.", "Name an archive of that product.");
        if (IsThere(manifest, ct)) return product.ManifestOf(manifest.Version);

        var old = BaseOf(manifest);
        RequireRoom(manifest);
        Directory.CreateDirectory(product.Staging);
        Directory.CreateDirectory(product.Versions);
        var staged = Path.Join(product.Staging, manifest.Version.ToString());
        TreeBuilder.Build(archive, staged, old is null ? null : product.TreeOf(old.Version), progress, ct);
        faults.Reached("staged");
        RequireClean(staged, manifest, ct);
        _ = ProductContract.Of(staged, manifest);
        DurableFile.Write(product.ManifestFileOf(manifest.Version), archive.ManifestBytes);
        faults.Reached("manifest written");
        Posix.Rename(staged, product.TreeOf(manifest.Version));
        Posix.SyncFolder(product.Versions);
        faults.Reached("tree in place");
        Clean();
        return manifest;
    }

    /// <summary>Removes what an interrupted update left.</summary>
    public void Clean()
    {
        if (Directory.Exists(product.Staging)) Directory.Delete(product.Staging, recursive: true);
    }

    /// <summary>Removes the oldest versions, never those that are named, nor what the next patch of their line leans on.</summary>
    public void Prune(params ReleaseVersion?[] keep)
    {
        var installed = product.Installed();
        var kept = keep.OfType<ReleaseVersion>().ToHashSet();
        for (var open = new Stack<ReleaseVersion>(kept); open.TryPop(out var version);)
        {
            if (installed.Contains(version) && product.ManifestOf(version).Base?.Version is { } from && kept.Add(from)) open.Push(from);
        }
        var surplus = installed.Count - Limits.VersionsKept;
        foreach (var version in installed.Where(version => !kept.Contains(version)).Take(Math.Max(0, surplus))) Remove(version);
    }

    private bool IsThere(Manifest manifest, CancellationToken ct)
    {
        var tree = product.TreeOf(manifest.Version);
        if (!Directory.Exists(tree)) return false;
        var same = File.Exists(product.ManifestFileOf(manifest.Version))
            && product.ManifestOf(manifest.Version).TreeDigest() == manifest.TreeDigest();
        if (same && TreeCheck.Compare(tree, manifest, contents: true, null, ct).Count == 0) return true;
        if (product.CurrentVersion() == manifest.Version)
        {
            throw same
                ? new UserException($"{manifest.Version} runs here, and files of it were changed.", "See which: mithi-site verify. Go back with mithi-site rollback, then apply it again.")
                : new UserException($"{manifest.Version} runs here, but another build of it than {manifest.Name}.", "A version never has two builds: ask where this archive comes from.");
        }
        Remove(manifest.Version);
        return false;
    }

    // The manifest goes first: a tree without one does not count as installed, so half a tree never does.
    private void Remove(ReleaseVersion version)
    {
        File.Delete(product.ManifestFileOf(version));
        Directory.Delete(product.TreeOf(version), recursive: true);
    }

    private Manifest? BaseOf(Manifest manifest)
    {
        if (manifest.Base is not { } needed) return null;
        var old = product.Installed().Contains(needed.Version) ? product.ManifestOf(needed.Version) : null;
        FullBuild.RequireBase(manifest, old);
        return old;
    }

    private void RequireRoom(Manifest manifest)
    {
        // Small files take whole blocks; what is kept takes a name.
        const long blockBytes = 4096;
        var needed = manifest.Files.Where(file => file.Config || file.Source is FileSource.Full).Sum(file => file.Size + blockBytes)
            + manifest.Entries.Count * 256L + Limits.FreeBytesMin;
        var free = new DriveInfo(product.Folder).AvailableFreeSpace;
        if (free < needed)
            throw new UserException($"{product.Folder} has {free >> 20} MB free, {manifest.Name} needs {needed >> 20} MB.", "Free some space and apply it again. Nothing was changed.");
    }

    private static void RequireClean(string staged, Manifest manifest, CancellationToken ct)
    {
        if (TreeCheck.Compare(staged, manifest, contents: true, null, ct) is not [var first, ..]) return;
        var leans = manifest.Files.Any(file => file.Path == first.Path && file.Source is not FileSource.Full);
        throw new ArchiveException(leans ? ArchiveFault.BaseMismatch : ArchiveFault.DigestMismatch,
            leans ? "The installed file that this leans on was changed; the full build does not lean on it." : $"The new tree is not what the manifest says: {first.Fault}.",
            first.Path);
    }
}
