namespace Mithi.Protocol;

/// <summary>Why an end refused what the other sent. The names are stable: they are in logs, close frames and the manual.</summary>
public enum ProtocolFault
{
    /// <summary>A frame that is too short, of an unknown kind, or not a binary message.</summary>
    BadFrame,
    /// <summary>A frame, message or list is longer than <see cref="Limits"/> allows.</summary>
    TooLarge,
    /// <summary>JSON that is broken, of an unknown type, or lacks a field.</summary>
    BadMessage,
    /// <summary>More bytes than the receiver gave credit for, or more credit than a window can hold.</summary>
    CreditViolated,
    /// <summary>A frame for a stream that was never opened, or an id that its end may not use.</summary>
    BadStream,
    /// <summary>Data whose offset is not the next one.</summary>
    BadOffset,
    /// <summary>More streams than one connection may have.</summary>
    TooManyStreams,
    /// <summary>The other end speaks a version of the protocol that this one does not know.</summary>
    VersionUnknown,
    /// <summary>The handshake's messages came in the wrong order or too late.</summary>
    BadHandshake,
    /// <summary>A key that is not P-256, or not readable.</summary>
    BadKey,
    /// <summary>The opened device key and nonce are not those that were committed to.</summary>
    CommitmentMismatch,
    /// <summary>A signature does not fit its key and text.</summary>
    BadSignature,
    /// <summary>The node's key is not one of those on the medium.</summary>
    PinMismatch,
    /// <summary>The node does not know this site.</summary>
    SiteUnknown,
    /// <summary>The site is paired with another machine.</summary>
    OtherMachine,
    /// <summary>Too many machines wait to be paired.</summary>
    TooManyPending,
    /// <summary>A signed command for another site or another machine.</summary>
    WrongTarget,
    /// <summary>A signed text whose time is over, or has not come.</summary>
    Expired,
    /// <summary>A signed command whose counter did not rise.</summary>
    Replayed,
    /// <summary>The stamp on the medium is missing, broken or of an unknown version.</summary>
    BadStamp,
    /// <summary>The other end went silent.</summary>
    Silent,
}

/// <summary>Thrown where something from the other end is wrong; the connection ends with it.</summary>
public sealed class ProtocolException(ProtocolFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The stable name of what was wrong.</summary>
    public ProtocolFault Fault { get; } = fault;

    internal static ProtocolException Of(ProtocolFault fault, string message) => new(fault, message);
}
