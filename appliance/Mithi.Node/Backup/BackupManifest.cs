using System.Text.Json.Serialization;

namespace Mithi.Node.Backup;

/// <summary>The last entry of a backup: what must be in it. Without it the backup is not whole.</summary>
/// <param name="Format">1. A reader refuses others.</param>
/// <param name="Version">The mithi that wrote it.</param>
/// <param name="Engine">Where the rows were: "Sqlite" or "Postgres".</param>
/// <param name="MadeAt">Unix milliseconds.</param>
public sealed record BackupManifest(int Format, string Version, string Engine, long MadeAt, IReadOnlyList<BackupEntry> Entries)
{
    public const string Name = "manifest.json";

    public const int KnownFormat = 1;
}

/// <param name="Path">Within the data folder, with slashes.</param>
public sealed record BackupEntry(string Path, long Bytes, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;

/// <summary>Why a file is not taken as a backup. The names are stable: they are in the manual.</summary>
public enum BackupFault { NotABackup, FormatTooNew, Truncated, PathEscapes, DigestMismatch, LimitExceeded, WrongEngine }

public sealed class BackupException(BackupFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public BackupFault Fault { get; } = fault;
}
