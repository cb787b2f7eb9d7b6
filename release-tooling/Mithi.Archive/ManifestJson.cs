using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mithi.Archive;

/// <summary>The manifest as bytes. There is exactly one spelling of each: a reader refuses every other.</summary>
public static class ManifestJson
{
    private static readonly ManifestContext Canonical =
        new(new JsonSerializerOptions(ManifestContext.Default.Options) { Encoder = PlainEncoder.Instance });

    /// <summary>The manifest's one spelling. Throws for a manifest that breaks the rules.</summary>
    public static byte[] Write(Manifest manifest)
    {
        ManifestRules.Require(manifest);
        var bytes = Spell(manifest);
        if (bytes.Length > Limits.ManifestBytesMax)
            throw new ArchiveException(ArchiveFault.LimitExceeded, $"The manifest has {bytes.Length} bytes, {Limits.ManifestBytesMax} are allowed.");
        return bytes;
    }

    /// <summary>Reads and checks a manifest.</summary>
    /// <exception cref="ArchiveException">It is refused.</exception>
    public static Manifest Read(ReadOnlySpan<byte> bytes)
    {
        RequireKnownFormat(bytes);
        RequireNoNull(bytes);
        var manifest = Parse(bytes);
        ManifestRules.Require(manifest);
        if (!bytes.SequenceEqual(Spell(manifest)))
            throw new ArchiveException(ArchiveFault.ManifestMalformed, "The manifest is not spelled as a writer spells it.");
        return manifest;
    }

    private static byte[] Spell(Manifest manifest)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(manifest, Canonical.Manifest);
        return [.. bytes, (byte)'\n'];
    }

    private static Manifest Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, Canonical.Manifest)
                ?? throw new ArchiveException(ArchiveFault.ManifestMalformed, "The manifest is empty.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new ArchiveException(ArchiveFault.ManifestMalformed, $"The manifest can't be read: {e.Message}", inner: e);
        }
    }

    // What is not there is left out: a null could only be meant to meet code that does not expect it.
    private static void RequireNoNull(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 8 });
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.Null)
                    throw new ArchiveException(ArchiveFault.ManifestMalformed, $"The manifest has a null at byte {reader.TokenStartIndex}.");
            }
        }
        catch (JsonException e)
        {
            throw new ArchiveException(ArchiveFault.ManifestMalformed, $"The manifest can't be read: {e.Message}", inner: e);
        }
    }

    // Before anything else of it is believed: a later format may spell everything else in another way.
    private static void RequireKnownFormat(ReadOnlySpan<byte> bytes)
    {
        var number = 0;
        try
        {
            var reader = new Utf8JsonReader(bytes);
            var found = reader.Read() && reader.TokenType == JsonTokenType.StartObject
                && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("format"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out number);
            if (!found) throw new ArchiveException(ArchiveFault.ManifestMalformed, "The manifest does not begin with its format number.");
        }
        catch (JsonException e)
        {
            throw new ArchiveException(ArchiveFault.ManifestMalformed, $"The manifest can't be read: {e.Message}", inner: e);
        }
        if (number != Manifest.FormatNumber)
            throw new ArchiveException(ArchiveFault.VersionTooNew, $"Format {number} is unknown here, {Manifest.FormatNumber} is known. Update this program first.");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 8,
    Converters = [typeof(VersionConverter), typeof(KindConverter)])]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestContext : JsonSerializerContext;

internal sealed class VersionConverter : JsonConverter<ReleaseVersion>
{
    public override ReleaseVersion Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        => ReleaseVersion.TryParse(reader.GetString()) ?? throw new JsonException("Not a version.");

    public override void Write(Utf8JsonWriter writer, ReleaseVersion value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.ToString());
}

internal sealed class KindConverter : JsonConverter<ArchiveKind>
{
    public override ArchiveKind Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        => ArchiveKinds.TryParse(reader.GetString()) ?? throw new JsonException("Not a kind of archive.");

    public override void Write(Utf8JsonWriter writer, ArchiveKind value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.Word());
}

internal sealed class ModeConverter : JsonConverter<int>
{
    public override int Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        => TreeMode.TryParse(reader.GetString()) ?? throw new JsonException("Not a mode like 0644.");

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options)
        => writer.WriteStringValue(TreeMode.Text(value));
}

internal sealed class FileSourceConverter : JsonConverter<FileSource>
{
    public override FileSource Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var source = document.RootElement;
        if (source.ValueKind != JsonValueKind.Object || !source.TryGetProperty("kind", out var kind) || kind.ValueKind != JsonValueKind.String)
            throw new JsonException("A source has no kind.");
        return kind.GetString() switch
        {
            "full" => new FileSource.Full(),
            "keep" => new FileSource.Keep(),
            "move" when source.TryGetProperty("from", out var from) && from.ValueKind == JsonValueKind.String => new FileSource.Move(from.GetString()!),
            "move" => throw new JsonException("A move does not say from where."),
            var unknown => throw new ArchiveException(ArchiveFault.UnknownSource, $"A file is to be got by \"{unknown}\", which is unknown here. Update this program first."),
        };
    }

    public override void Write(Utf8JsonWriter writer, FileSource value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", value switch
        {
            FileSource.Full => "full",
            FileSource.Keep => "keep",
            FileSource.Move => "move",
            _ => throw new InvalidOperationException(value.GetType().Name),
        });
        if (value is FileSource.Move move) writer.WriteString("from", move.From);
        writer.WriteEndObject();
    }
}

/// <summary>Permission bits as four octal digits. Set-user-id and its kin are not for a tree: the product's install script sets them.</summary>
internal static class TreeMode
{
    public static string Text(int mode) => "0" + Convert.ToString(mode, 8).PadLeft(3, '0');

    public static int? TryParse(string? text)
    {
        if (text is not { Length: 4 } || text[0] != '0') return null;
        var mode = 0;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7') return null;
            mode = mode * 8 + (digit - '0');
        }
        return mode;
    }
}
