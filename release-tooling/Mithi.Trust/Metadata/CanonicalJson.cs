using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Mithi.Trust.Metadata;

/// <summary>OLPC canonical JSON: the one text of a value that a signature is over. TUF 1.0.34, section 4.1.</summary>
/// <remarks>
/// Keys are in order of code points, nothing is between tokens, only the quotation mark and the backslash are escaped,
/// numbers are integers in their own digits. What has no canonical form (fractions, half of a surrogate pair, a key twice)
/// is refused rather than guessed: two readers that differ here would be talked into two meanings of one signature.
/// </remarks>
public static class CanonicalJson
{
    /// <summary>Reads one JSON value strictly.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.Malformed"/>.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, string file)
    {
        if (!Utf8.IsValid(utf8.Span)) throw new TrustException(TrustFault.Malformed, file, "it is not UTF-8");
        try
        {
            return JsonDocument.Parse(utf8, new JsonDocumentOptions
            {
                MaxDepth = Limits.JsonDepthMax,
                AllowDuplicateProperties = false,
            });
        }
        catch (JsonException e)
        {
            throw new TrustException(TrustFault.Malformed, file, $"it is not JSON that we accept: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new TrustException(TrustFault.Malformed, file, "a key is not Unicode text", e);
        }
    }

    /// <summary>The canonical bytes of <paramref name="value"/>.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.Malformed"/>: the value has no canonical form.</exception>
    public static byte[] Of(JsonElement value, string file)
    {
        var output = new ArrayBufferWriter<byte>(4_096);
        try
        {
            Write(value, output, file);
        }
        catch (InvalidOperationException e)
        {
            throw new TrustException(TrustFault.Malformed, file, "a text is not Unicode", e);
        }
        return output.WrittenSpan.ToArray();
    }

    private static void Write(JsonElement value, ArrayBufferWriter<byte> output, string file)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object: WriteObject(value, output, file); break;
            case JsonValueKind.Array: WriteArray(value, output, file); break;
            case JsonValueKind.String: WriteText(value.GetString()!, output); break;
            case JsonValueKind.Number: WriteInteger(value.GetRawText(), output, file); break;
            case JsonValueKind.True: output.Write("true"u8); break;
            case JsonValueKind.False: output.Write("false"u8); break;
            default: output.Write("null"u8); break;
        }
    }

    private static void WriteObject(JsonElement value, ArrayBufferWriter<byte> output, string file)
    {
        // The order of UTF-8 bytes is the order of code points; that of UTF-16 units is not.
        var members = value.EnumerateObject().Select(m => (Key: Encoding.UTF8.GetBytes(m.Name), m.Name, m.Value)).ToArray();
        Array.Sort(members, (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        output.Write("{"u8);
        for (var i = 0; i < members.Length; i++)
        {
            if (i > 0)
            {
                if (members[i].Key.AsSpan().SequenceEqual(members[i - 1].Key))
                    throw new TrustException(TrustFault.Malformed, file, $"the key {members[i].Name} is there twice");
                output.Write(","u8);
            }
            WriteText(members[i].Name, output);
            output.Write(":"u8);
            Write(members[i].Value, output, file);
        }
        output.Write("}"u8);
    }

    private static void WriteArray(JsonElement value, ArrayBufferWriter<byte> output, string file)
    {
        output.Write("["u8);
        var first = true;
        foreach (var item in value.EnumerateArray())
        {
            if (!first) output.Write(","u8);
            first = false;
            Write(item, output, file);
        }
        output.Write("]"u8);
    }

    private static void WriteText(string text, ArrayBufferWriter<byte> output)
    {
        output.Write("\""u8);
        output.Write(Encoding.UTF8.GetBytes(text.Replace("\\", "\\\\").Replace("\"", "\\\"")));
        output.Write("\""u8);
    }

    private static void WriteInteger(string digits, ArrayBufferWriter<byte> output, string file)
    {
        if (digits.AsSpan().ContainsAny(".eE"))
            throw new TrustException(TrustFault.Malformed, file, $"{digits} is not an integer");
        output.Write(Encoding.ASCII.GetBytes(digits));
    }
}
