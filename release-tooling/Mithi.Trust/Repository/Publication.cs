using Mithi.Trust.Metadata;

namespace Mithi.Trust.Repository;

/// <summary>What the vendor sends to a node: signed offline, complete or only what is new.</summary>
/// <param name="Roots">In order; those that are published already may be among them.</param>
/// <param name="Roles">Targets metadata by role: <c>targets</c> and products.</param>
public sealed record Proposal(IReadOnlyList<byte[]> Roots, IReadOnlyDictionary<string, byte[]> Roles);

/// <summary>A state that was found good by a client that is up to date and by one that starts at the first root.</summary>
/// <param name="State">The whole state.</param>
/// <param name="SnapshotVersion">The version of its snapshot.</param>
/// <param name="NewTargets">The targets that no client could see before.</param>
public sealed record Publication(PublishedState State, long SnapshotVersion, IReadOnlyList<Target> NewTargets)
{
    /// <summary>Writes the state into a folder that clients read at the same time: timestamp last, so that nobody sees half of it.</summary>
    /// <remarks>
    /// Can be cut off anywhere and repeated. What an earlier attempt left behind under the same version was never named by
    /// a timestamp, so it is replaced.
    /// </remarks>
    public void WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in State.Files().OrderBy(f => Order(f.Key)))
        {
            var path = Path.Join(folder, name);
            if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes)) DurableFile.Write(path, bytes);
        }
    }

    // A new root may name a new timestamp key, so the two stand as close together as can be.
    private static int Order(string name)
        => name == "timestamp.json" ? 2 : name.EndsWith(".root.json", StringComparison.Ordinal) ? 1 : 0;
}
