namespace Mithi.Archive;

/// <summary>Makes the full build of a version from what a mirror already has, so that it need not be transferred.</summary>
public static class FullBuild
{
    /// <summary>Rebuilds the build archive of the patch's version; byte for byte the one that was published.</summary>
    /// <param name="wholePath">A build archive of the patch's base.</param>
    /// <param name="patchPath">The patch or service pack.</param>
    /// <param name="folder">Where the build shall stand; a scratch folder is made in it and removed.</param>
    /// <param name="ct">Cancels; nothing is left behind.</param>
    /// <exception cref="ArchiveException">One of the two is refused, or they don't fit.</exception>
    public static PackedArchive Rebuild(string wholePath, string patchPath, string folder, CancellationToken ct = default)
    {
        Directory.CreateDirectory(folder);
        return WithTrees(wholePath, patchPath, folder, (patch, tree) => ArchiveWriter.WriteFile(patch.AsBuild(), tree, folder, null, ct), ct);
    }

    /// <summary>Makes the patch's tree in a scratch folder and compares every byte of it with the manifest.</summary>
    /// <returns>The differences; none for a patch that fits its base.</returns>
    /// <exception cref="ArchiveException">One of the two is refused, or they don't fit.</exception>
    public static IReadOnlyList<TreeDifference> Verify(string wholePath, string patchPath, string scratchFolder, CancellationToken ct = default)
        => WithTrees(wholePath, patchPath, scratchFolder, (patch, tree) => TreeCheck.Compare(tree, patch, contents: true, null, ct), ct);

    private static T WithTrees<T>(string wholePath, string patchPath, string folder, Func<Manifest, string, T> use, CancellationToken ct)
    {
        var scratch = Directory.CreateDirectory(Path.Join(folder, $".rebuild-{Path.GetFileName(patchPath)}")).FullName;
        try
        {
            var (oldTree, newTree) = (Path.Join(scratch, "old"), Path.Join(scratch, "new"));
            var whole = Build(wholePath, oldTree, null, null, ct);
            return use(Build(patchPath, newTree, oldTree, whole, ct), newTree);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static Manifest Build(string archivePath, string tree, string? oldTree, Manifest? old, CancellationToken ct)
    {
        using var file = File.OpenRead(archivePath);
        using var reader = ArchiveReader.Open(file);
        RequireBase(reader.Manifest, old);
        TreeBuilder.Build(reader, tree, oldTree, null, ct);
        return reader.Manifest;
    }

    /// <summary>Refuses an archive that leans on another tree than that of <paramref name="old"/>.</summary>
    public static void RequireBase(Manifest manifest, Manifest? old)
    {
        if (manifest.Base is not { } needed) return;
        if (old is null || old.Product != manifest.Product)
            throw new ArchiveException(ArchiveFault.BaseMismatch, $"{manifest.Name} needs {manifest.Product} {needed.Version}.");
        if (old.Version != needed.Version)
            throw new ArchiveException(ArchiveFault.BaseMismatch, $"{manifest.Name} needs {needed.Version}, here is {old.Version}.");
        if (old.TreeDigest() != needed.Tree)
            throw new ArchiveException(ArchiveFault.BaseMismatch, $"{manifest.Name} was made for another build of {needed.Version} than the one here.");
    }
}
