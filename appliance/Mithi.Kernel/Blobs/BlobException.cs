namespace Mithi.Kernel.Blobs;

/// <summary>Why content was not taken or given. The names are stable: they are in logs and in the manual.</summary>
public enum BlobFault
{
    /// <summary>Longer than the caller allows.</summary>
    TooLong,

    /// <summary>Not the content that its name promises.</summary>
    DigestMismatch,

    Missing,
}

public sealed class BlobException(BlobFault fault, string message) : Exception(message)
{
    public BlobFault Fault { get; } = fault;
}
