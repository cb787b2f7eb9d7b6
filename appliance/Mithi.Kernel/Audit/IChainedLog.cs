namespace Mithi.Kernel.Audit;

/// <summary>A log whose entries are chained by keyed hashes. What a module keeps so it registers, and it is verified with all others.</summary>
public interface IChainedLog
{
    /// <summary>English, like "Audit log".</summary>
    string Name { get; }

    /// <summary>English, plural: what the verdict counts, like "entries".</summary>
    string Counted { get; }

    /// <summary>Reads the log to its end; answers the first entry that is not as it was written. Makes nothing, not even a key.</summary>
    Task<AuditVerdict> VerifyAsync(CancellationToken ct);
}
