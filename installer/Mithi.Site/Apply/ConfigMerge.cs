using Mithi.Archive;

namespace Mithi.Site.Apply;

/// <summary>Carries an administrator's edits from one version to another, in either direction. Doing it twice does no harm.</summary>
/// <remarks>
/// Trees stay as they were shipped; the files that count are in <c>config/</c>. A file that nobody edited follows the version.
/// An edited one stays; if the version changed it too, the shipped one is laid beside it as <c>NAME.new</c>, as dpkg does.
/// What a version replaces lies beside as <c>NAME.was</c> until that version is kept, so that the way back needs no room.
/// </remarks>
internal static class ConfigMerge
{
    public static void Run(ProductFolder product, Manifest? from, Manifest to, IFaultPoint faults, Action<string> say)
    {
        var before = from?.Files.Where(file => file.Config).ToDictionary(file => file.Path, StringComparer.Ordinal) ?? [];
        var after = to.Files.Where(file => file.Config).ToDictionary(file => file.Path, StringComparer.Ordinal);
        foreach (var path in before.Keys.Union(after.Keys).Order(TreePath.Order))
        {
            faults.Reached($"config {path}");
            Merge(product, to.Version, path, before.GetValueOrDefault(path), after.GetValueOrDefault(path), say);
        }
    }

    /// <summary>The version is kept: what it replaced is no longer needed.</summary>
    public static void Settle(ProductFolder product, Manifest version)
    {
        foreach (var file in version.Files.Where(file => file.Config)) File.Delete(Path.Join(product.Config, file.Path) + ".was");
    }

    private static void Merge(ProductFolder product, ReleaseVersion version, string path, FileEntry? before, FileEntry? after, Action<string> say)
    {
        var local = Path.Join(product.Config, path);
        var found = Posix.LookAt(local) is { Type: PathType.File } ? TreeScan.Sha256(local) : null;
        if (after is null)
        {
            // Nobody's edit is thrown away, even of a file that is no longer used.
            if (found is not null && found == before!.Sha256) File.Delete(local);
            File.Delete(local + ".new");
            return;
        }
        var shipped = Path.Join(product.TreeOf(version), path);
        if (found == after.Sha256)
        {
            File.Delete(local + ".new");
        }
        else if (found is null || found == before?.Sha256)
        {
            Replace(local, shipped, after);
            File.Delete(local + ".new");
        }
        else if (after.Sha256 != before?.Sha256)
        {
            Copy(shipped, local + ".new", after.Mode);
            say($"{path} was edited here and changed in {version}: yours is kept, the new one is {local}.new.");
        }
        else
        {
            File.Delete(local + ".new");
        }
    }

    private static void Replace(string local, string shipped, FileEntry after)
    {
        var was = local + ".was";
        if (Posix.LookAt(was) is { Type: PathType.File } && TreeScan.Sha256(was) == after.Sha256)
        {
            Posix.Rename(was, local);
            Posix.SyncFolder(Path.GetDirectoryName(local)!);
            return;
        }
        if (Posix.LookAt(local) is not null)
        {
            File.Delete(was);
            Posix.TryHardLink(local, was);
        }
        Copy(shipped, local, after.Mode);
    }

    private static void Copy(string from, string to, int mode)
    {
        using var source = File.OpenRead(from);
        DurableFile.Write(to, target => { source.CopyTo(target); return source.Length; }, (UnixFileMode)mode);
    }
}
