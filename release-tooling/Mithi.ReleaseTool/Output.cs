using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mithi.Archive;

namespace Mithi.ReleaseTool;

/// <summary>An archive, for --json.</summary>
internal sealed record ArchiveJson(
    string Name, string Path, string TargetPath, string Sha256, long Bytes, string Product, string Version, string Kind,
    string? Base, long Stamp, IReadOnlyList<string> Fixes, int Entries, int FilesInArchive, long TreeBytes, string Tree)
{
    public static ArchiveJson Of(Manifest manifest, string path, string sha256, long bytes) => new(
        manifest.Name.ToString(), path, manifest.Name.TargetPath, sha256, bytes, manifest.Product, manifest.Version.ToString(),
        manifest.Kind.Word(), manifest.Base?.Version.ToString(), manifest.Stamp, manifest.Fixes, manifest.Entries.Count,
        manifest.Files.Count(file => file.Source is FileSource.Full), manifest.TreeBytes, manifest.TreeDigest());
}

/// <summary>What pack and its kin made, for --json.</summary>
internal sealed record PackedJson(IReadOnlyList<ArchiveJson> Archives);

/// <summary>One difference between two versions, for --json.</summary>
internal sealed record DiffJson(string Path, string Change, long? OldSize, long? NewSize);

/// <summary>What diff found, for --json.</summary>
internal sealed record DiffsJson(string Old, string New, IReadOnlyList<DiffJson> Differences);

/// <summary>What publish did, for --json.</summary>
internal sealed record PublishedJson(string Node, long Snapshot, int Sent, int AlreadyThere, long Bytes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ArchiveJson))]
[JsonSerializable(typeof(PackedJson))]
[JsonSerializable(typeof(DiffsJson))]
[JsonSerializable(typeof(PublishedJson))]
internal sealed partial class OutputContext : JsonSerializerContext
{
    public static OutputContext Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
