namespace Mithi.Archive;

/// <summary>Turns the manifest of a whole version into one that leans on a base. Pure: the same two give the same plan.</summary>
public static class PatchPlan
{
    /// <summary>The manifest of the patch, PTF or service pack from <paramref name="from"/> to <paramref name="to"/>.</summary>
    /// <exception cref="ArchiveException">The two don't fit: another product, platform or line of versions.</exception>
    public static Manifest Between(Manifest from, Manifest to, ArchiveKind kind)
    {
        if (kind.IsWhole()) throw new ArgumentException($"A {kind.Word()} leans on nothing.", nameof(kind));
        if (from.Product != to.Product || from.Platform != to.Platform)
            throw new ArchiveException(ArchiveFault.BaseMismatch, $"{from.Name} and {to.Name} are not of one product and platform.");
        var old = from.Entries.ToDictionary(entry => entry.Path, StringComparer.Ordinal);
        var byContent = from.Files.GroupBy(file => (file.Sha256, file.Size)).ToDictionary(group => group.Key, group => group.First().Path);
        var result = to.Entries.Select(entry => entry.Path).ToHashSet(StringComparer.Ordinal);

        var plan = to with
        {
            Kind = kind,
            Base = new(from.Version, from.TreeDigest()),
            Entries = [.. to.Entries.Select(entry => entry is FileEntry file ? file with { Source = SourceOf(file, old, byContent) } : entry)],
            Deleted = [.. from.Entries.Where(entry => !result.Contains(entry.Path)).Select(entry => new ManifestDeletion(entry.Path, (entry as FileEntry)?.Sha256))],
        };
        ManifestRules.Require(plan);
        return plan;
    }

    private static FileSource SourceOf(
        FileEntry file, Dictionary<string, ManifestEntry> old, Dictionary<(string Sha256, long Size), string> byContent)
    {
        // Small, and on the server somebody may have edited the old one: an update must not depend on it.
        if (file.Config) return new FileSource.Full();
        if (old.GetValueOrDefault(file.Path) is FileEntry same && same.Sha256 == file.Sha256 && same.Size == file.Size) return new FileSource.Keep();
        return byContent.TryGetValue((file.Sha256, file.Size), out var path) ? new FileSource.Move(path) : new FileSource.Full();
    }
}
