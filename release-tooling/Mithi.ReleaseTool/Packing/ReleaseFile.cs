using System.Text.Json;
using System.Text.Json.Serialization;
using Mithi.Cli;

namespace Mithi.ReleaseTool.Packing;

/// <summary>What a release engineer writes beside the product's tree: <c>release.json</c>.</summary>
/// <remarks>JSON and not YAML: the reader is generated at build time, so the native executable needs no reflection, and what
/// is written here has the same words as the manifest that comes out. Comments and trailing commas are allowed.</remarks>
internal sealed record ReleaseFile
{
    public required string Product { get; init; }

    public required string Version { get; init; }

    public string Platform { get; init => field = value ?? "linux-x64"; } = "linux-x64";

    /// <summary>Unix seconds; the option --stamp and SOURCE_DATE_EPOCH win.</summary>
    public long? Stamp { get; init; }

    public string Notes { get; init => field = value ?? ""; } = "";

    /// <summary>A Markdown file beside release.json, instead of <see cref="Notes"/>.</summary>
    public string? NotesFile { get; init; }

    public IReadOnlyList<string> Fixes { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> Requires { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> Supersedes { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> Conflicts { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> Restarts { get; init => field = value ?? []; } = [];

    public string MinimumInstaller { get; init => field = value ?? "1.0.0"; } = "1.0.0";

    /// <summary>Patterns of files that an administrator may edit.</summary>
    public IReadOnlyList<string> Config { get; init => field = value ?? []; } = [];

    /// <summary>Modes by pattern, like "0600", for what needs another than 0755 or 0644. The last that matches wins.</summary>
    public IReadOnlyDictionary<string, string> Modes { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    public static ReleaseFile Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new UserException($"{path} is not there.", "Write one (mithi-release pack --help says what is in it), or name it with --release.");
        if (file.Length > Limits.ReleaseFileBytesMax)
            throw new UserException($"{path} has {file.Length} bytes.", $"A release.json has at most {Limits.ReleaseFileBytesMax}.");
        try
        {
            var release = JsonSerializer.Deserialize(File.ReadAllBytes(path), ReleaseFileContext.Default.ReleaseFile)
                ?? throw new UserException($"{path} is empty.", "Write one: mithi-release pack --help says what is in it.");
            return release.NotesFile is { } notes ? release with { Notes = ReadNotes(path, notes) } : release;
        }
        catch (JsonException e)
        {
            throw new UserException($"{path} can't be read: {e.Message}", $"Line {e.LineNumber + 1} is where it ended. Unknown and missing members are refused, so look for a misspelled one.", e);
        }
    }

    private static string ReadNotes(string release, string notes)
    {
        var path = Path.Join(Path.GetDirectoryName(Path.GetFullPath(release)), notes);
        return File.Exists(path)
            ? File.ReadAllText(path)
            : throw new UserException($"{path} is not there.", $"{release} names it as notesFile.");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ReleaseFile))]
internal sealed partial class ReleaseFileContext : JsonSerializerContext;
