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
    public void WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in State.Files().OrderBy(f => f.Key == "timestamp.json"))
        {
            var path = Path.Join(folder, name);
            // Everything but the timestamp has its version in its name and never changes.
            if (name == "timestamp.json" || !File.Exists(path)) DurableFile.Write(path, bytes);
        }
    }
}
