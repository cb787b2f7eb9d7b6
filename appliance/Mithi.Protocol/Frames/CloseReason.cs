using System.Buffers.Binary;
using System.Text;

namespace Mithi.Protocol.Frames;

/// <summary>Why a stream or a connection ends. The numbers are on the wire.</summary>
public enum CloseReason : ushort
{
    /// <summary>All was said.</summary>
    Done = 0,
    /// <summary>This end stops, for instance because it restarts; come again.</summary>
    GoingAway = 1,
    /// <summary>What the other end sent breaks the protocol.</summary>
    ProtocolError = 2,
    /// <summary>Nothing was heard for longer than ping and timeout.</summary>
    Silent = 3,
    /// <summary>The same site has connected anew; the older connection goes.</summary>
    Replaced = 4,
    /// <summary>What was asked is not allowed or not known.</summary>
    Refused = 5,
    /// <summary>The pairing code was not entered in time; the next connection gets a new one.</summary>
    PairingExpired = 6,
    /// <summary>Wrong codes used up the tries; the next connection gets a new one.</summary>
    PairingMismatch = 7,
    /// <summary>The network broke; never sent, only told to this end's own readers.</summary>
    Lost = 8,
}

/// <summary>The payload of a close frame.</summary>
/// <param name="Reason">The number on the wire.</param>
/// <param name="Text">For a log; at most <see cref="Limits.CloseTextBytesMax"/> bytes of UTF-8.</param>
public readonly record struct CloseNotice(CloseReason Reason, string Text)
{
    /*
        uint16    reason, little endian
        byte[]    text, UTF-8, at most 512
    */
    internal byte[] ToBytes()
    {
        var text = Encoding.UTF8.GetBytes(Text.Length > 128 ? Text[..128] : Text);
        var bytes = new byte[2 + text.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)Reason);
        text.CopyTo(bytes, 2);
        return bytes;
    }

    internal static CloseNotice Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length is < 2 or > 2 + Limits.CloseTextBytesMax)
            throw new ProtocolException(ProtocolFault.BadFrame, "A close frame has a reason and at most 512 bytes of text.");
        var reason = (CloseReason)BinaryPrimitives.ReadUInt16LittleEndian(payload);
        // A reason from a later version still ends the stream; only its meaning is lost.
        return new(Enum.IsDefined(reason) ? reason : CloseReason.Refused, Encoding.UTF8.GetString(payload[2..]));
    }
}
