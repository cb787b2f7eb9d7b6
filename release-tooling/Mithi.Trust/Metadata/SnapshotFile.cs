namespace Mithi.Trust.Metadata;

/// <summary>Says which version of every targets role belongs together. TUF 1.0.34, section 4.4.</summary>
public sealed class SnapshotFile : SignedFile
{
    /// <summary>Reads a snapshot.</summary>
    /// <exception cref="TrustException">Its fault says why it was refused.</exception>
    public SnapshotFile(ReadOnlyMemory<byte> bytes) : base(bytes, "snapshot.json", RoleNames.Snapshot)
    {
        using var document = Open(bytes, File, out var signed);
        var meta = signed.Object("meta");
        Meta = meta.Members().ToDictionary(meta.Name, m => MetaFile.Read(meta.Member(m)));
        if (!Meta.ContainsKey("targets.json")) throw meta.Wrong("targets.json is missing");
    }

    /// <summary>By file name without a version, like <c>targets.json</c>.</summary>
    public IReadOnlyDictionary<string, MetaFile> Meta { get; }

    /// <summary>Section 5.5.5: nothing goes back, nothing is dropped.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.Rollback"/>.</exception>
    public void RequireNotOlder(SnapshotFile trusted)
    {
        foreach (var (name, before) in trusted.Meta)
        {
            if (!Meta.TryGetValue(name, out var now))
                throw new TrustException(TrustFault.Rollback, File, $"{name} is no longer listed");
            if (now.Version < before.Version)
                throw new TrustException(TrustFault.Rollback, File, $"{name} goes back from version {before.Version} to {now.Version}");
        }
    }
}
