namespace Mithi.Trust;

/// <summary>Why metadata, a target or a key was refused. The names are stable: they are in logs, exit texts and the manual.</summary>
public enum TrustFault
{
    /// <summary>Not JSON, a required field is missing or of the wrong kind, a key twice, or past a limit of the parser.</summary>
    Malformed,

    /// <summary>The file is metadata of another role than the one that was asked for.</summary>
    WrongType,

    /// <summary>Written for a specification with another major version.</summary>
    SpecificationUnknown,

    /// <summary>Fewer distinct, valid keys signed it than its delegator demands.</summary>
    ThresholdNotMet,

    /// <summary>A version went backwards, or a role that was listed is no longer.</summary>
    Rollback,

    /// <summary>The version inside is not the one that its referrer or its name promised.</summary>
    VersionMismatch,

    /// <summary>The digest is not the one that its referrer promised.</summary>
    DigestMismatch,

    /// <summary>Shorter than its referrer promised.</summary>
    LengthMismatch,

    /// <summary>Past its date: someone may be keeping us from seeing newer metadata.</summary>
    Expired,

    /// <summary>More bytes than promised or than any such file may have.</summary>
    LimitExceeded,

    /// <summary>The repository does not have a file that its own metadata names.</summary>
    Missing,

    /// <summary>The repository did not answer, answered with an error, or stalled.</summary>
    Unreachable,

    /// <summary>The snapshot does not list a role that a delegation names.</summary>
    NotInSnapshot,

    /// <summary>No role that is trusted for this path has it.</summary>
    TargetUnknown,

    /// <summary>A path that leaves its folder or can't be a file name.</summary>
    PathUnsafe,

    /// <summary>There is no trusted root here yet.</summary>
    NoTrustedRoot,

    /// <summary>Other bytes under a version that is already published.</summary>
    SameVersionChanged,

    /// <summary>A key file is damaged, or the passphrase is wrong.</summary>
    KeyUnreadable,

    /// <summary>The root or a delegation does not name the key that should sign.</summary>
    KeyNotTrusted,
}

/// <summary>Something was refused; nothing after it was looked at and nothing untrusted was kept.</summary>
/// <param name="fault">Why.</param>
/// <param name="file">The metadata file, target or key file.</param>
/// <param name="reason">One sentence for a person.</param>
/// <param name="inner">What was caught, if anything.</param>
public sealed class TrustException(TrustFault fault, string file, string reason, Exception? inner = null)
    : Exception($"{file}: {reason} ({fault})", inner)
{
    /// <summary>Why.</summary>
    public TrustFault Fault { get; } = fault;

    /// <summary>The metadata file, target or key file.</summary>
    public string File { get; } = file;

    /// <summary>One sentence for a person.</summary>
    public string Reason { get; } = reason;
}
