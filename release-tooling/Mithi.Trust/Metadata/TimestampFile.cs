namespace Mithi.Trust.Metadata;

/// <summary>Says which snapshot is the newest. TUF 1.0.34, section 4.6.</summary>
public sealed class TimestampFile : SignedFile
{
    /// <summary>Reads a timestamp.</summary>
    /// <exception cref="TrustException">Its fault says why it was refused.</exception>
    public TimestampFile(ReadOnlyMemory<byte> bytes) : base(bytes, "timestamp.json", RoleNames.Timestamp)
    {
        using var document = Open(bytes, File, out var signed);
        Snapshot = MetaFile.Read(signed.Object("meta").Object("snapshot.json"));
    }

    /// <summary>The newest snapshot.</summary>
    public MetaFile Snapshot { get; }
}
