using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mithi.Archive;

namespace Mithi.Site.Apply;

/// <summary>What was begun or done. The order of the members is the order in time of an update that goes well.</summary>
internal enum ApplyStep
{
    /// <summary>Nothing that runs was touched yet.</summary>
    Begun,

    /// <summary>The new tree stands complete and verified.</summary>
    Built,

    /// <summary>From here on an interrupted update goes forward.</summary>
    Switching,

    Switched,

    Configured,

    Installed,

    Restarted,

    /// <summary>The new version runs and is healthy: the end.</summary>
    Committed,

    /// <summary>The new version failed; from here on an interrupted update goes back.</summary>
    GoingBack,

    /// <summary>The old version runs again: the end.</summary>
    WentBack,

    /// <summary>Given up before anything that runs was touched: the end.</summary>
    Abandoned,
}

/// <summary>One line of the journal.</summary>
/// <param name="At">Unix milliseconds.</param>
/// <param name="Operation"><c>apply</c> or <c>rollback</c>.</param>
/// <param name="Step">Begun or done.</param>
/// <param name="Version">Where it goes.</param>
/// <param name="Previous">Where it comes from; null for the first version.</param>
/// <param name="Reason">Why it went back or was given up.</param>
internal sealed record ApplyRecord(
    long At, string Operation, ApplyStep Step, ReleaseVersion Version, ReleaseVersion? Previous = null, string? Reason = null)
{
    public const string Apply = "apply";
    public const string Rollback = "rollback";

    [JsonIgnore]
    public bool IsEnd => Step is ApplyStep.Committed or ApplyStep.WentBack or ApplyStep.Abandoned;
}

/// <summary>An update's steps, one line each, on the disk before the next step begins.</summary>
/// <remarks>
/// The file has its full size from the beginning, zeros behind the last line: appending needs no block that a full disk could
/// refuse. A line that a power cut tore has a wrong checksum and ends the journal; the next one is written over it.
/// </remarks>
internal sealed class ApplyJournal : IDisposable
{
    private readonly FileStream _file;
    private readonly IFaultPoint _faults;
    private readonly List<ApplyRecord> _records = [];
    private int _end;

    private ApplyJournal(FileStream file, IFaultPoint faults) => (_file, _faults) = (file, faults);

    public IReadOnlyList<ApplyRecord> Records => _records;

    public ApplyRecord? Last => _records.Count == 0 ? null : _records[^1];

    /// <summary>Opens a product's journal, with room for at least one more update.</summary>
    public static ApplyJournal Open(string path, IFaultPoint faults)
    {
        if (!File.Exists(path)) Create(path, []);
        var journal = Load(path, faults);
        if (journal._end + Limits.StepsOfOneUpdate * Limits.JournalLineBytesMax <= Limits.JournalBytes) return journal;

        // Half of it stays: who reads it wants to know what was before, and a step that is under way must not be lost.
        journal.Dispose();
        Create(path, journal._records.Skip(journal._records.Count / 2));
        return Load(path, faults);
    }

    /// <summary>What a journal says, without touching it.</summary>
    public static IReadOnlyList<ApplyRecord> Read(string path)
        => File.Exists(path) ? Parse(File.ReadAllBytes(path)).Records : [];

    public void Append(ApplyRecord record)
    {
        var line = Line(record);
        _faults.Reached($"before {record.Operation} {record.Step}");
        RandomAccess.Write(_file.SafeFileHandle, line, _end);
        // Whatever a torn longer line left behind this one must not be read as its continuation.
        RandomAccess.Write(_file.SafeFileHandle, "\0"u8, _end + line.Length);
        _file.Flush(flushToDisk: true);
        _end += line.Length;
        _records.Add(record);
        _faults.Reached($"after {record.Operation} {record.Step}");
    }

    public void Dispose() => _file.Dispose();

    private static ApplyJournal Load(string path, IFaultPoint faults)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        var journal = new ApplyJournal(file, faults);
        var (records, end) = Parse(File.ReadAllBytes(path));
        journal._records.AddRange(records);
        journal._end = end;
        return journal;
    }

    private static void Create(string path, IEnumerable<ApplyRecord> records)
    {
        var bytes = new byte[Limits.JournalBytes];
        var end = 0;
        foreach (var line in records.Select(Line))
        {
            line.CopyTo(bytes, end);
            end += line.Length;
        }
        DurableFile.Write(path, bytes);
    }

    /*
        A line: CRC-32C of the JSON as 8 small hex digits, a space, the JSON, a line feed.
    */
    private static byte[] Line(ApplyRecord record)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(record, JournalContext.Default.ApplyRecord);
        return [.. Encoding.ASCII.GetBytes(Crc32C.Of(json).ToString("x8", CultureInfo.InvariantCulture)), (byte)' ', .. json, (byte)'\n'];
    }

    private static (List<ApplyRecord> Records, int End) Parse(ReadOnlySpan<byte> bytes)
    {
        var records = new List<ApplyRecord>();
        var end = 0;
        while (bytes[end..].IndexOf((byte)'\n') is var length and > 9 && ParseLine(bytes.Slice(end, length)) is { } record)
        {
            records.Add(record);
            end += length + 1;
        }
        return (records, end);
    }

    private static ApplyRecord? ParseLine(ReadOnlySpan<byte> line)
    {
        if (line[8] != ' ' || !uint.TryParse(line[..8], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var checksum)) return null;
        var json = line[9..];
        if (Crc32C.Of(json) != checksum) return null;
        try
        {
            return JsonSerializer.Deserialize(json, JournalContext.Default.ApplyRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(ReleaseVersionConverter)])]
[JsonSerializable(typeof(ApplyRecord))]
internal sealed partial class JournalContext : JsonSerializerContext;

internal sealed class ReleaseVersionConverter : JsonConverter<ReleaseVersion>
{
    public override ReleaseVersion Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => ReleaseVersion.TryParse(reader.GetString()) ?? throw new JsonException("Not a version.");

    public override void Write(Utf8JsonWriter writer, ReleaseVersion value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.ToString());
}

/// <summary>Told of every point at which a power cut would leave another state on the disk. Tests take a picture there, or throw.</summary>
internal interface IFaultPoint
{
    void Reached(string point);
}

/// <summary>What runs on a server: nothing happens.</summary>
internal sealed class NoFault : IFaultPoint
{
    public static NoFault Instance { get; } = new();

    public void Reached(string point)
    {
    }
}
