namespace Mithi.Archive;

/// <summary>What must be true of a manifest beyond its spelling. Writers and readers ask the same rules.</summary>
internal static class ManifestRules
{
    public static void Require(Manifest manifest)
    {
        RequireHead(manifest);
        RequireBase(manifest);
        RequireEntries(manifest);
        RequireDeletions(manifest);
    }

    public static bool IsSha256(string? text)
        => text is { Length: 64 } && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    private static void RequireHead(Manifest manifest)
    {
        That(manifest.Format == Manifest.FormatNumber, "The format's number is wrong.");
        That(ArchiveName.IsProduct(manifest.Product), "The product's id is not small letters, digits and inner dashes.");
        That(ArchiveName.IsPlatform(manifest.Platform), "The platform is not like linux-x64.");
        That(manifest.Stamp is >= 0 and < 1L << 33, "The stamp is out of range.");
        That(ReleaseVersion.TryParse(manifest.MinimumInstaller) is not null, "The minimum installer is not a version.");
        Within(manifest.Notes.Length <= Limits.NotesCharsMax, $"The notes have more than {Limits.NotesCharsMax} characters.");
        foreach (var list in new[] { manifest.Fixes, manifest.Requires, manifest.Supersedes, manifest.Conflicts, manifest.Restarts })
        {
            Within(list.Count <= Limits.ListItemsMax, $"A list has more than {Limits.ListItemsMax} items.");
            foreach (var item in list)
            {
                Within(item.Length <= Limits.ItemCharsMax, $"An item of a list has more than {Limits.ItemCharsMax} characters.");
                That(item.Length > 0 && !item.Any(char.IsControl), "An item of a list is empty or has a control character.");
            }
        }
        foreach (var version in manifest.Requires.Concat(manifest.Supersedes).Concat(manifest.Conflicts))
            That(ReleaseVersion.TryParse(version) is not null, $"\"{version}\" is not a version.");
    }

    private static void RequireBase(Manifest manifest)
    {
        var version = manifest.Version;
        if (manifest.Kind.IsWhole())
        {
            That(manifest.Base is null, "A whole archive has no base.");
            That(manifest.Deleted.Count == 0, "A whole archive deletes nothing.");
            return;
        }
        if (manifest.Base is not { } from)
            throw new ArchiveException(ArchiveFault.ManifestInconsistent, $"A {manifest.Kind.Word()} needs a base.");
        That(IsSha256(from.Tree), "The base's tree is not a SHA-256.");
        That(from.Version < version, $"The base {from.Version} is not older than {version}.");
        That(from.Version.Build == version.Build, $"The base {from.Version} is of another build than {version}.");
        if (manifest.Kind == ArchiveKind.ServicePack)
        {
            That(version is { ServicePack: > 0, Patch: 0 }, $"{version} is not a service pack's version.");
            That(from.Version == version.Build, $"A service pack is cumulative over its build {version.Build}, not over {from.Version}.");
            return;
        }
        That(version.Patch > 0, $"{version} is not a patch's version.");
        That(from.Version.ServicePack == version.ServicePack, $"The base {from.Version} is of another service pack than {version}.");
    }

    private static void RequireEntries(Manifest manifest)
    {
        Within(manifest.Entries.Count <= Limits.EntriesMax, $"The tree has more than {Limits.EntriesMax} entries.");
        var folders = new HashSet<string>(StringComparer.Ordinal);
        var folded = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var bytes = 0L;
        string? before = null;
        foreach (var entry in manifest.Entries)
        {
            var path = entry.Path;
            if (TreePath.WhyNot(path) is { } reason)
                throw new ArchiveException(ArchiveFault.PathEscapes, $"The path {reason}.", path);
            if (before is not null && TreePath.Order.Compare(before, path) is var order and >= 0)
                throw new ArchiveException(order == 0 ? ArchiveFault.Duplicate : ArchiveFault.ManifestInconsistent,
                    order == 0 ? "The path is listed twice." : "The entries are not in order.", path);
            if (!folded.Add(path))
                throw new ArchiveException(ArchiveFault.CaseCollision, "Another path differs only in case.", path);
            if (TreePath.Parent(path) is { } parent && !folders.Contains(parent))
                throw new ArchiveException(ArchiveFault.ManifestInconsistent, "What holds it is not a listed folder.", path);
            before = path;

            if (entry is FolderEntry folder)
            {
                RequireMode(folder.Mode, path);
                folders.Add(path);
            }
            if (entry is LinkEntry link && TreePath.WhyNotLink(path, link.Target) is { } linkReason)
                throw new ArchiveException(ArchiveFault.LinkEscapes, $"The link's target {linkReason}.", path);
            if (entry is FileEntry file) bytes = RequireFile(manifest, file, bytes);
        }
    }

    private static long RequireFile(Manifest manifest, FileEntry file, long bytes)
    {
        That(IsSha256(file.Sha256), "The SHA-256 is not 64 small hex digits.", file.Path);
        RequireMode(file.Mode, file.Path);
        That(file.Size >= 0, "The size is negative.", file.Path);
        Within(file.Size <= Limits.TreeBytesMax - bytes, $"The tree has more than {Limits.TreeBytesMax} bytes.", file.Path);
        That(!manifest.Kind.IsWhole() || file.Source is FileSource.Full, "A whole archive brings every file itself.", file.Path);
        if (file.Source is FileSource.Move move && TreePath.WhyNot(move.From) is { } reason)
            throw new ArchiveException(ArchiveFault.PathEscapes, $"The path that it is moved from {reason}.", move.From);
        return bytes + file.Size;
    }

    // Without the owner's read bit the tree could be neither verified nor kept by the next version.
    private static void RequireMode(int mode, string path)
        => That(mode is >= 0x100 and <= 0x1ff, "The mode is not within 0400 and 0777.", path);

    private static void RequireDeletions(Manifest manifest)
    {
        Within(manifest.Deleted.Count <= Limits.EntriesMax, $"More than {Limits.EntriesMax} entries are deleted.");
        if (manifest.Deleted.Count == 0) return;
        var result = manifest.Entries.Select(entry => entry.Path).ToHashSet(StringComparer.Ordinal);
        string? before = null;
        foreach (var (path, sha256) in manifest.Deleted)
        {
            if (TreePath.WhyNot(path) is { } reason)
                throw new ArchiveException(ArchiveFault.PathEscapes, $"The deleted path {reason}.", path);
            That(sha256 is null || IsSha256(sha256), "The SHA-256 is not 64 small hex digits.", path);
            That(before is null || TreePath.Order.Compare(before, path) < 0, "The deletions are not in order.", path);
            That(!result.Contains(path), "It is deleted and in the result.", path);
            before = path;
        }
    }

    private static void That(bool holds, string sentence, string? path = null)
    {
        if (!holds) throw new ArchiveException(ArchiveFault.ManifestInconsistent, sentence, path);
    }

    private static void Within(bool holds, string sentence, string? path = null)
    {
        if (!holds) throw new ArchiveException(ArchiveFault.LimitExceeded, sentence, path);
    }
}
