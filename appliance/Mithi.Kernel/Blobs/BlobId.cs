using System.Buffers;
using System.Data;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;

namespace Mithi.Kernel.Blobs;

/// <summary>A file's name: the SHA-256 of its content, 64 lower-case hexadecimal digits. In rows it is text.</summary>
[JsonConverter(typeof(BlobIdJson))]
public readonly record struct BlobId : IParsable<BlobId>
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private readonly string? sha256;

    private BlobId(string sha256) => this.sha256 = sha256;

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string Sha256 => sha256 ?? throw new InvalidOperationException("A default BlobId names nothing.");

    public static BlobId Of(ReadOnlySpan<byte> hash)
    {
        Cli.Check.That(hash.Length == 32);
        return new(Convert.ToHexStringLower(hash));
    }

    public static BlobId Parse(string s, IFormatProvider? provider = null)
        => TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not a SHA-256 in lower-case hexadecimal.");

    /// <summary>Only the one canonical form, so that a name from outside can never be another path.</summary>
    public static bool TryParse(string? s, IFormatProvider? provider, out BlobId result)
    {
        result = default;
        if (s is not { Length: 64 } || s.AsSpan().ContainsAnyExcept(Digits)) return false;
        result = new(s);
        return true;
    }

    public override string ToString() => sha256 ?? "";

    internal static void AddToRowMapping() => SqlMapper.AddTypeHandler(new Handler());

    private sealed class Handler : SqlMapper.TypeHandler<BlobId>
    {
        public override BlobId Parse(object value) => BlobId.Parse((string)value);

        public override void SetValue(IDbDataParameter parameter, BlobId value)
        {
            parameter.DbType = DbType.String;
            parameter.Value = value.Sha256;
        }
    }
}

internal sealed class BlobIdJson : JsonConverter<BlobId>
{
    public override BlobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => BlobId.TryParse(reader.GetString(), null, out var id) ? id : throw new JsonException("Not a SHA-256.");

    public override void Write(Utf8JsonWriter writer, BlobId value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.Sha256);
}

/// <summary>A file that is there.</summary>
/// <param name="Id">Names its content.</param>
/// <param name="Bytes">Its length.</param>
public sealed record Blob(BlobId Id, long Bytes);
