using Mithi.Trust.Client;
using Mithi.Trust.Metadata;

namespace Mithi.Trust.Repository;

/// <summary>A repository's current metadata, as a client that is up to date has it.</summary>
/// <param name="Roots">All versions from 1, in order.</param>
/// <param name="Timestamp">The newest timestamp.</param>
/// <param name="Snapshot">The snapshot that it names.</param>
/// <param name="Roles">The targets metadata that the snapshot lists, by role: <c>targets</c> and the products.</param>
public sealed record PublishedState(
    IReadOnlyList<byte[]> Roots, byte[] Timestamp, byte[] Snapshot, IReadOnlyDictionary<string, byte[]> Roles)
{
    /// <summary>Reads a folder of published metadata: <c>timestamp.json</c>, <c>N.snapshot.json</c> and so on.</summary>
    /// <returns>Null if nothing was published yet.</returns>
    /// <exception cref="TrustException"><see cref="TrustFault.Missing"/>: a file that the metadata names is not there.</exception>
    public static PublishedState? Load(string folder)
    {
        if (!File.Exists(Path.Join(folder, "timestamp.json"))) return null;
        var roots = new List<byte[]>();
        while (File.Exists(Path.Join(folder, $"{roots.Count + 1}.root.json"))) roots.Add(Read(folder, $"{roots.Count + 1}.root.json"));
        var timestamp = Read(folder, "timestamp.json");
        var snapshot = Read(folder, $"{new TimestampFile(timestamp).Snapshot.Version}.snapshot.json");
        var roles = new SnapshotFile(snapshot).Meta.ToDictionary(
            m => m.Key[..^".json".Length],
            m => Read(folder, $"{m.Value.Version}.{Uri.EscapeDataString(m.Key[..^".json".Length])}.json"));
        return new PublishedState(roots, timestamp, snapshot, roles);
    }

    /// <summary>The newest root.</summary>
    public RootFile Root => new(Roots[^1]);

    /// <summary>Every target that the newest metadata names, with the role that names it.</summary>
    public IEnumerable<(string Role, Target Target)> Targets()
        => Roles.OrderBy(r => r.Key, StringComparer.Ordinal)
            .SelectMany(r => new TargetsFile(r.Value, r.Key).Targets.Values.Select(t => (r.Key, t)));

    /// <summary>The repository's files by the names that clients ask for.</summary>
    public IReadOnlyDictionary<string, byte[]> Files()
    {
        var files = new Dictionary<string, byte[]> { ["timestamp.json"] = Timestamp };
        for (var i = 0; i < Roots.Count; i++) files[$"{i + 1}.root.json"] = Roots[i];
        files[$"{new SnapshotFile(Snapshot).Version}.snapshot.json"] = Snapshot;
        foreach (var (role, bytes) in Roles)
            files[$"{new TargetsFile(bytes, role).Version}.{Uri.EscapeDataString(role)}.json"] = bytes;
        return files;
    }

    /// <summary>What a client that has all this keeps.</summary>
    internal MemoryMetadata AsClient()
    {
        var store = new MemoryMetadata();
        store.Write(RoleNames.Root, Roots[^1]);
        store.Write(RoleNames.Timestamp, Timestamp);
        store.Write(RoleNames.Snapshot, Snapshot);
        foreach (var (role, bytes) in Roles) store.Write(role, bytes);
        return store;
    }

    private static byte[] Read(string folder, string name)
    {
        var path = Path.Join(folder, name);
        return File.Exists(path)
            ? File.ReadAllBytes(path)
            : throw new TrustException(TrustFault.Missing, name, "the published metadata names it but it is not there");
    }
}
