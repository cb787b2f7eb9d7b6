using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Mithi.Protocol.Keys;

/// <summary>Hashes a list of fields so that no two lists give the same bytes. Reference, section 3.</summary>
internal static class Transcript
{
    /*
        SHA-256 over, for the label (UTF-8) and then for each field:
          uint32    length, little endian
          byte[]    the field
    */
    public static byte[] Hash(string label, params ReadOnlySpan<ReadOnlyMemory<byte>> fields)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Encoding.UTF8.GetBytes(label));
        foreach (var field in fields)
            Append(hash, field.Span);
        return hash.GetHashAndReset();
    }

    public static ReadOnlyMemory<byte> Text(string text) => Encoding.UTF8.GetBytes(text);

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, field.Length);
        hash.AppendData(length);
        hash.AppendData(field);
    }
}
