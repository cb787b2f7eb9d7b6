using System.Buffers.Binary;

namespace Mithi.Protocol.Frames;

/// <summary>Payloads that are one number, little endian.</summary>
internal static class Numbers
{
    public static byte[] Bytes(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return bytes;
    }

    public static byte[] Bytes(ulong number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return bytes;
    }

    public static uint UInt32(ReadOnlySpan<byte> payload) => payload.Length == 4
        ? BinaryPrimitives.ReadUInt32LittleEndian(payload)
        : throw new ProtocolException(ProtocolFault.BadFrame, "Credit has 4 bytes.");

    public static ulong UInt64(ReadOnlySpan<byte> payload) => payload.Length == 8
        ? BinaryPrimitives.ReadUInt64LittleEndian(payload)
        : throw new ProtocolException(ProtocolFault.BadFrame, "A ping has 8 bytes.");
}
