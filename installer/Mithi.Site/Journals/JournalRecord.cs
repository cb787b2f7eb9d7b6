using System.Buffers.Binary;
using System.Text;

namespace Mithi.Site.Journals;

/// <summary>What a record tells.</summary>
internal enum JournalKind : byte
{
    /// <summary>The installation's own data: key, sheet, pairing; JSON.</summary>
    Installation = 1,
    /// <summary>A stage has begun.</summary>
    Began = 2,
    /// <summary>A stage is done and its data is on the disk.</summary>
    Done = 3,
    /// <summary>A stage failed; the text is the fault's code and reason.</summary>
    Failed = 4,
    /// <summary>The highest counter of a command that was taken; the text is the number.</summary>
    Counter = 5,
    /// <summary>Whether the engineer stopped the installation: <c>yes</c> or <c>no</c>.</summary>
    Stopped = 6,
}

/// <summary>One record of the journal.</summary>
/// <param name="Sequence">Rising by one; the newest wins.</param>
/// <param name="PlanId">The installation that it belongs to, at most 36 characters.</param>
/// <param name="Stage">Which stage; empty when none.</param>
/// <param name="Kind">What it tells.</param>
/// <param name="Part">A long text is cut into parts, numbered from 0.</param>
/// <param name="Parts">How many parts there are.</param>
/// <param name="Detail">The text, or a part of it.</param>
internal sealed record JournalRecord(
    ulong Sequence, string PlanId, string Stage, JournalKind Kind, byte Part, byte Parts, ReadOnlyMemory<byte> Detail)
{
    public const int DetailBytesMax = Limits.JournalRecordBytes - DetailAt - 4;

    private const int PlanIdBytes = 36;
    private const int StageBytes = 16;
    private const int DetailAt = 8 + 8 + PlanIdBytes + StageBytes + 1 + 1 + 1 + 1 + 4;
    private static ReadOnlySpan<byte> Magic => "MITHIJN1"u8;

    /*
        byte[8]   "MITHIJN1"
        uint64    sequence, little endian, from 1
        byte[36]  plan id, ASCII, zeros behind it
        byte[16]  stage, ASCII, zeros behind it
        byte      kind
        byte      part
        byte      parts
        byte      0
        uint32    length of the detail, little endian, 0 to 4,016
        byte[]    detail, zeros behind it
        uint32    CRC-32C of all before it, little endian
    */
    public void Write(Span<byte> to)
    {
        to.Clear();
        Magic.CopyTo(to);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], Sequence);
        Encoding.ASCII.GetBytes(PlanId, to.Slice(16, PlanIdBytes));
        Encoding.ASCII.GetBytes(Stage, to.Slice(52, StageBytes));
        (to[68], to[69], to[70]) = ((byte)Kind, Part, Parts);
        BinaryPrimitives.WriteInt32LittleEndian(to[72..], Detail.Length);
        Detail.Span.CopyTo(to[DetailAt..]);
        BinaryPrimitives.WriteUInt32LittleEndian(to[^4..], Crc32C.Of(to[..^4]));
    }

    /// <summary>Null when the block holds no record: never written, torn by a power cut, or rotten.</summary>
    public static JournalRecord? Read(ReadOnlySpan<byte> block)
    {
        if (block.Length != Limits.JournalRecordBytes || !block.StartsWith(Magic)) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(block[^4..]) != Crc32C.Of(block[..^4])) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(block[72..]);
        var kind = (JournalKind)block[68];
        if (length is < 0 or > DetailBytesMax || kind is < JournalKind.Installation or > JournalKind.Stopped || block[69] >= block[70])
            return null;
        return new(
            BinaryPrimitives.ReadUInt64LittleEndian(block[8..]),
            Encoding.ASCII.GetString(block.Slice(16, PlanIdBytes)).TrimEnd('\0'),
            Encoding.ASCII.GetString(block.Slice(52, StageBytes)).TrimEnd('\0'),
            kind, block[69], block[70], block.Slice(DetailAt, length).ToArray());
    }
}
