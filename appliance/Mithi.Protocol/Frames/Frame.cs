using System.Buffers.Binary;

namespace Mithi.Protocol.Frames;

/// <summary>What a frame is for.</summary>
public enum FrameKind : byte
{
    /// <summary>The handshake's JSON; only before the connection stands.</summary>
    Hello = 1,
    /// <summary>Opens a stream; payload is an <c>OpenRequest</c> in JSON.</summary>
    Open = 2,
    /// <summary>Bytes of a stream, with their offset.</summary>
    Data = 3,
    /// <summary>Allows the other end more bytes on a stream.</summary>
    Credit = 4,
    /// <summary>Ends a stream, or with stream 0 the connection.</summary>
    Close = 5,
    Ping = 6,
    Pong = 7,
    /// <summary>The last or only part of a control message.</summary>
    Control = 8,
    /// <summary>A part of a control message that goes on.</summary>
    ControlPart = 9,
}

/// <summary>One WebSocket message. wiki-content/reference/site-protocol.md, section 2.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Stream">The stream it belongs to; 0 is the connection itself.</param>
/// <param name="Offset">Only of <see cref="FrameKind.Data"/>: the position of the payload's first byte in its stream.</param>
/// <param name="Payload">At most <see cref="Limits.PayloadBytesMax"/> bytes; when read, valid until the next frame is read.</param>
public readonly record struct Frame(FrameKind Kind, uint Stream, ulong Offset, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The longest frame there is.</summary>
    public const int BytesMax = 1 + 4 + 8 + Limits.PayloadBytesMax;

    /// <summary>How many bytes <see cref="Write"/> needs.</summary>
    public int Bytes => HeaderBytes(Kind) + Payload.Length;

    /*
        byte      kind
        uint32    stream, little endian
        uint64    offset, little endian; only when kind is Data
        byte[]    payload, up to the end of the WebSocket message, at most 16,384

        Payload by kind
          Hello, Open, Control, ControlPart   JSON in UTF-8
          Data                                1 to 16,384 bytes of the stream
          Credit                              uint32 bytes, little endian, at least 1
          Close                               uint16 reason, little endian; then at most 512 bytes of UTF-8 for a log
          Ping, Pong                          uint64 token, little endian; a Pong gives back its Ping's
    */
    public int Write(Span<byte> to)
    {
        if (Payload.Length > Limits.PayloadBytesMax)
            throw new ArgumentException("A frame holds at most 16 KiB.", nameof(to));
        to[0] = (byte)Kind;
        BinaryPrimitives.WriteUInt32LittleEndian(to[1..], Stream);
        var header = HeaderBytes(Kind);
        if (Kind is FrameKind.Data)
            BinaryPrimitives.WriteUInt64LittleEndian(to[5..], Offset);
        Payload.Span.CopyTo(to[header..]);
        return header + Payload.Length;
    }

    /// <summary>Reads one WebSocket message.</summary>
    /// <exception cref="ProtocolException">It is too short, too long, or its kind is unknown.</exception>
    public static Frame Read(ReadOnlyMemory<byte> message)
    {
        var bytes = message.Span;
        if (bytes.Length < 5)
            throw new ProtocolException(ProtocolFault.BadFrame, $"A frame of {bytes.Length} bytes has no header.");
        var kind = (FrameKind)bytes[0];
        if (kind is < FrameKind.Hello or > FrameKind.ControlPart)
            throw new ProtocolException(ProtocolFault.BadFrame, $"There is no frame of kind {bytes[0]}.");
        var header = HeaderBytes(kind);
        if (bytes.Length < header)
            throw new ProtocolException(ProtocolFault.BadFrame, "A data frame ends before its offset.");
        if (bytes.Length - header > Limits.PayloadBytesMax)
            throw new ProtocolException(ProtocolFault.TooLarge, $"A frame holds at most {Limits.PayloadBytesMax} bytes.");
        var offset = kind is FrameKind.Data ? BinaryPrimitives.ReadUInt64LittleEndian(bytes[5..]) : 0;
        return new(kind, BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]), offset, message[header..]);
    }

    private static int HeaderBytes(FrameKind kind) => kind is FrameKind.Data ? 13 : 5;
}
