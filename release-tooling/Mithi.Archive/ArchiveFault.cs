namespace Mithi.Archive;

/// <summary>Why an archive was refused. The names are stable: they are in logs, exit texts and the manual.</summary>
public enum ArchiveFault
{
    /// <summary>Not a zstd stream with our manifest at its beginning.</summary>
    NotAnArchive,

    /// <summary>A format number that this program does not know.</summary>
    VersionTooNew,

    /// <summary>It ends too early.</summary>
    Truncated,

    /// <summary>The compressed stream is broken.</summary>
    Damaged,

    /// <summary>Something stands behind the archive's end.</summary>
    TrailingData,

    /// <summary>The manifest is not what a writer writes: not JSON, unknown or doubled members, another order or spacing.</summary>
    ManifestMalformed,

    /// <summary>The manifest contradicts itself or the rules of its kind.</summary>
    ManifestInconsistent,

    /// <summary>A file is to be got in a way that this program does not know.</summary>
    UnknownSource,

    /// <summary>A path that is absolute, climbs, or is written in an unusual way.</summary>
    PathEscapes,

    /// <summary>A link that leads out of the tree.</summary>
    LinkEscapes,

    /// <summary>The same path twice.</summary>
    Duplicate,

    /// <summary>Two paths that differ only in case.</summary>
    CaseCollision,

    /// <summary>Entries are not in the order of the manifest, or one is left out.</summary>
    Reordered,

    /// <summary>A device, a pipe, a hard link or another kind of entry that no tree of ours has.</summary>
    ForbiddenEntry,

    /// <summary>An entry that the manifest does not list.</summary>
    NotInManifest,

    /// <summary>An entry's header differs from what the manifest says: size, mode, time or owner.</summary>
    HeaderMismatch,

    /// <summary>A file's content differs from what the manifest says.</summary>
    DigestMismatch,

    /// <summary>It leans on another base than the one that is there, or a file of that base was changed.</summary>
    BaseMismatch,

    /// <summary>Past one of the bounds in <see cref="Limits"/>.</summary>
    LimitExceeded,
}

/// <summary>An archive that is refused. Whoever reads stops at once; nothing of it is used.</summary>
/// <param name="fault">Why.</param>
/// <param name="message">A whole sentence that names what is wrong.</param>
/// <param name="path">The file of the tree, if it is about one.</param>
/// <param name="position">Where in the decompressed stream, in bytes, if known.</param>
/// <param name="inner">What was caught, if anything.</param>
public sealed class ArchiveException(
    ArchiveFault fault, string message, string? path = null, long? position = null, Exception? inner = null)
    : Exception(Text(fault, message, path, position), inner)
{
    /// <summary>Why.</summary>
    public ArchiveFault Fault { get; } = fault;

    /// <summary>The file of the tree, if it is about one.</summary>
    public string? EntryPath { get; } = path;

    /// <summary>Where in the decompressed stream, in bytes, if known.</summary>
    public long? Position { get; } = position;

    private static string Text(ArchiveFault fault, string message, string? path, long? position)
        => $"{fault}: {message}"
            + (path is null ? "" : $" File: {Printable(path)}.")
            + (position is null ? "" : $" At byte {position}.");

    // A hostile name must not steer the terminal that shows it.
    private static string Printable(string path)
        => string.Concat(path.Take(200).Select(c => char.IsControl(c) ? $"\\x{(int)c:x2}" : c.ToString()));
}
