using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mithi.Helpdesk.Tickets;
using NodaTime;
using NodaTime.Text;

namespace Mithi.Helpdesk.Import;

/// <summary>Reads the JSON Lines that exporters of other helpdesks write. wiki-content/reference/import-format.md.</summary>
internal sealed class JsonImportReader(FileInfo file, ImportReport report)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { MaxDepth = ImportLimits.JsonDepthMax };

    private readonly string folder = Path.GetFullPath(file.DirectoryName!) + Path.DirectorySeparatorChar;

    public async IAsyncEnumerable<PastRecord> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await using var stream = file.OpenRead();
        await foreach (var line in LineReader.ReadAsync(stream, ImportLimits.LineBytesMax, ct))
        {
            var where = $"{file.Name}:{line.Number}";
            if (Read(line, where) is { } record) yield return record;
            yield return new PastRecord.Progress(line.End, file.Length);
        }
    }

    private PastRecord? Read(LineReader.Line line, string where)
    {
        if (line.Bytes is not { } bytes) return Leave(where, "", "line", $"It is longer than {ImportLimits.LineBytesMax >> 20} MB.");
        if (bytes.AsSpan().Trim((ReadOnlySpan<byte>)[(byte)' ', (byte)'\r', (byte)'\t', 0xEF, 0xBB, 0xBF]).IsEmpty) return null;
        JsonLine? read;
        try
        {
            read = JsonSerializer.Deserialize<JsonLine>(bytes.AsSpan().TrimStart((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]), Options);
        }
        catch (JsonException e)
        {
            return Leave(where, "", "line", $"It is not the JSON that is expected: {e.Path} {e.Message}");
        }
        if (read is null) return Leave(where, "", "line", "It is null.");
        Unknown(where, read.Key ?? "", "", read.More);
        return read.Type switch
        {
            "organisation" => new PastRecord.Organisation(where, read.Name ?? "", read.Kind ?? "customer", read.Partner ?? "", read.TimeZone ?? ""),
            "person" => new PastRecord.Person(where, read.Email ?? "", read.Name ?? "", read.Organisation ?? "", read.Role ?? "user", read.Language ?? ""),
            "ticket" => Ticket(read, where),
            _ => Leave(where, read.Key ?? "", "type", "It is none of organisation, person, ticket."),
        };
    }

    private PastRecord? Ticket(JsonLine read, string where)
    {
        if (read.Key is not { Length: > 0 and <= ImportLimits.KeyCharsMax } key) return Leave(where, read.Key ?? "", "key", "A ticket needs a key of at most 250 characters.");
        if (read.Entries is not { Length: > 0 } entries) return Leave(where, key, "entries", "A ticket needs its first message.");
        if (entries.Length > ImportLimits.EntriesMax) return Leave(where, key, "entries", $"There are more than {ImportLimits.EntriesMax}.");
        var items = new List<PastItem>();
        for (var i = 0; i < entries.Length; i++)
        {
            var name = $"entries[{i}]";
            if (entries[i] is not { } entry)
            {
                Leave(where, key, name, "It is null.");
                continue;
            }
            Unknown(where, key, name, entry.More);
            if (Time(entry.At) is not { } at)
            {
                Leave(where, key, $"{name}.at", "It is neither unix milliseconds nor a time with an offset.");
                continue;
            }
            if (Item(entry, at, where, key, name) is { } item) items.Add(item);
        }
        return new PastRecord.Ticket(new(where, key, read.Subject ?? "", Name(read.Kind, TicketKind.Question, where, key, "kind"),
            Name(read.Priority, Priority.P3, where, key, "priority"), Person(read.Requester), read.Organisation ?? "", read.Product ?? "", read.Version ?? "", Via.Api, items,
            read.State is { } state ? Named<TicketState>(state, where, key, "state") : null));
    }

    private PastItem? Item(JsonEntry entry, Instant at, string where, string key, string name)
    {
        var by = Person(entry.By);
        switch (entry.Type)
        {
            case "message":
                return new PastItem.Message(at, by, "", entry.Body ?? "", Files(entry, where, key, name),
                    entry.Side is null ? null : Named<Side>(entry.Side, where, key, $"{name}.side"), entry.MessageId ?? "");
            case "note":
                return new PastItem.Note(at, by, entry.Body ?? "", Files(entry, where, key, name));
            case "state":
                return Named<TicketState>(entry.To, where, key, $"{name}.to") is { } state ? new PastItem.State(at, by, state) : null;
            case "priority":
                return Named<Priority>(entry.To, where, key, $"{name}.to") is { } priority ? new PastItem.Urgency(at, by, priority) : null;
            case "level":
                return Named<Level>(entry.To, where, key, $"{name}.to") is { } level ? new PastItem.Desk(at, by, level, entry.Body ?? "") : null;
            case "assigned":
                return new PastItem.Owner(at, by, entry.To ?? "");
            default:
                Leave(where, key, $"{name}.type", $"'{entry.Type}' is none of message, note, state, priority, level, assigned.");
                return null;
        }
    }

    private List<PastFile> Files(JsonEntry entry, string where, string key, string name)
    {
        var files = new List<PastFile>();
        foreach (var sent in entry.Files ?? [])
        {
            if (sent?.Path is not { Length: > 0 } path || FileOf(path) is not { } found) Leave(where, key, $"{name}.files", $"'{sent?.Path}' is not a file below the folder of {file.Name}.");
            else if (files.Count >= Limits.MailFilesMax) Leave(where, key, $"{name}.files", $"There are more than {Limits.MailFilesMax}.");
            else files.Add(new(sent.Name is { Length: > 0 } called ? called : found.Name, found.OpenRead));
        }
        return files;
    }

    /// <summary>Only below the folder, and through no link: whoever wrote the file must not have this machine's other files attached.</summary>
    private FileInfo? FileOf(string path)
    {
        if (path.Contains('\0')) return null;
        var full = Path.GetFullPath(Path.Join(folder, path));
        if (!full.StartsWith(folder, StringComparison.Ordinal)) return null;
        for (var above = Path.GetDirectoryName(full)!; above.Length >= folder.Length; above = Path.GetDirectoryName(above)!)
            if (new DirectoryInfo(above).LinkTarget is not null) return null;
        return new FileInfo(full) is { Exists: true, LinkTarget: null } found && (found.Attributes & FileAttributes.Device) == 0 ? found : null;
    }

    private T Name<T>(string? text, T otherwise, string where, string key, string what) where T : struct, Enum
        => text is null ? otherwise : Named<T>(text, where, key, what) ?? otherwise;

    private T? Named<T>(string? text, string where, string key, string what) where T : struct, Enum
    {
        var value = FormText.Name<T>(text is { Length: > 0 } ? char.ToUpperInvariant(text[0]) + text[1..] : "");
        if (value is null) Leave(where, key, what, $"'{text}' is none of {string.Join(", ", Enum.GetNames<T>())}.");
        return value;
    }

    private static PastPerson Person(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } email => new(email.GetString()!, ""),
        { ValueKind: JsonValueKind.Object } both => new(Text(both, "email"), Text(both, "name")),
        _ => PastPerson.Nobody,
    };

    private static string Text(JsonElement from, string member)
        => from.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static Instant? Time(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var ms) && ms is > 0 and < 253_402_300_800_000 => Instant.FromUnixTimeMilliseconds(ms),
        JsonValueKind.String when OffsetDateTimePattern.ExtendedIso.Parse(value.GetString()!) is { Success: true } time => time.Value.ToInstant(),
        _ => null,
    };

    private void Unknown(string where, string key, string prefix, Dictionary<string, JsonElement>? more)
    {
        foreach (var name in more?.Keys ?? Enumerable.Empty<string>()) Leave(where, key, prefix.Length > 0 ? $"{prefix}.{name}" : name, "This member is not known.");
    }

    private PastRecord? Leave(string where, string key, string what, string why)
    {
        report.Leave(where, key, what, why);
        return null;
    }

    private sealed record JsonLine(
        string? Type, string? Key, string? Name, string? Kind, string? Partner, string? TimeZone, string? Email, string? Organisation, string? Role, string? Language,
        string? Subject, string? Priority, string? State, JsonElement? Requester, string? Product, string? Version, JsonEntry?[]? Entries)
    {
        [JsonExtensionData]
        public Dictionary<string, JsonElement>? More { get; init; }
    }

    private sealed record JsonEntry(string? Type, JsonElement At, JsonElement? By, string? Side, string? Body, string? To, string? MessageId, JsonFile?[]? Files)
    {
        [JsonExtensionData]
        public Dictionary<string, JsonElement>? More { get; init; }
    }

    private sealed record JsonFile(string? Path, string? Name);
}
