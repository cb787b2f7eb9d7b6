using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Mithi.Archive;

/// <summary>What an archive is, and every file of the tree that it makes. wiki-content/reference/archive-format.md, section 4.</summary>
/// <remarks>The order of the members here is their order in the file. The generated reader sets null what a file leaves out, so what
/// has a default takes it then, too.</remarks>
public sealed record Manifest
{
    /// <summary>The one format number that this program writes and reads.</summary>
    public const int FormatNumber = 1;

    /// <summary>The format's number.</summary>
    public int Format { get; init; } = FormatNumber;

    /// <summary>The product's id.</summary>
    public required string Product { get; init; }

    /// <summary>The version that results.</summary>
    public required ReleaseVersion Version { get; init; }

    /// <summary>Like <c>linux-x64</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>What the archive is.</summary>
    public required ArchiveKind Kind { get; init; }

    /// <summary>Unix seconds: the time of every entry. With the tree it decides every byte of the archive.</summary>
    public required long Stamp { get; init; }

    /// <summary>What it is applied to; null for a whole archive.</summary>
    public ManifestBase? Base { get; init; }

    /// <summary>Tickets that it fixes, by their ids.</summary>
    public IReadOnlyList<string> Fixes { get; init => field = value ?? []; } = [];

    /// <summary>Versions of this product that must be contained in what it is applied to.</summary>
    public IReadOnlyList<string> Requires { get; init => field = value ?? []; } = [];

    /// <summary>Versions that nobody needs once this is there.</summary>
    public IReadOnlyList<string> Supersedes { get; init => field = value ?? []; } = [];

    /// <summary>Versions that it can't be together with.</summary>
    public IReadOnlyList<string> Conflicts { get; init => field = value ?? []; } = [];

    /// <summary>Units that are restarted, or <c>machine</c>.</summary>
    public IReadOnlyList<string> Restarts { get; init => field = value ?? []; } = [];

    /// <summary>The oldest installer that can apply it.</summary>
    public string MinimumInstaller { get; init => field = value ?? "1.0.0"; } = "1.0.0";

    /// <summary>Release notes, Markdown.</summary>
    public string Notes { get; init => field = value ?? ""; } = "";

    /// <summary>Every folder, file and link of the result, in the order of <see cref="TreePath.Order"/>.</summary>
    public required IReadOnlyList<ManifestEntry> Entries { get; init; }

    /// <summary>What the base has and the result has not.</summary>
    public IReadOnlyList<ManifestDeletion> Deleted { get; init => field = value ?? []; } = [];

    /// <summary>The archive's file name.</summary>
    [JsonIgnore]
    public ArchiveName Name => new(Product, Version, Platform, Kind);

    /// <summary>The files among the entries.</summary>
    [JsonIgnore]
    public IEnumerable<FileEntry> Files => Entries.OfType<FileEntry>();

    /// <summary>Bytes of all files of the result.</summary>
    [JsonIgnore]
    public long TreeBytes => Files.Sum(file => file.Size);

    /// <summary>The manifest of the full build of the same version.</summary>
    public Manifest AsBuild() => this with
    {
        Kind = Kind == ArchiveKind.OsImage ? ArchiveKind.OsImage : ArchiveKind.Build,
        Base = null,
        Deleted = [],
        Entries = [.. Entries.Select(entry => entry is FileEntry file ? file with { Source = new FileSource.Full() } : entry)],
    };

    /// <summary>SHA-256 of the result as a list of lines, in small hex: what a patch means by "this base".</summary>
    /*
        folder <tab> mode <tab> path <lf>
        link   <tab> target <tab> path <lf>
        file   <tab> mode <tab> size <tab> sha256 <tab> path <lf>
    */
    public string TreeDigest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in Entries)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(entry switch
            {
                FolderEntry folder => $"folder\t{TreeMode.Text(folder.Mode)}\t{folder.Path}\n",
                LinkEntry link => $"link\t{link.Target}\t{link.Path}\n",
                FileEntry file => $"file\t{TreeMode.Text(file.Mode)}\t{file.Size}\t{file.Sha256}\t{file.Path}\n",
                _ => throw new InvalidOperationException(entry.GetType().Name),
            }));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>What a patch or a service pack is applied to.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Tree">Its <see cref="Manifest.TreeDigest"/>.</param>
public sealed record ManifestBase(ReleaseVersion Version, string Tree);

/// <summary>Something of the base that the result has not.</summary>
/// <param name="Path">Its path in the base.</param>
/// <param name="Sha256">Its content there; null for a folder or a link.</param>
public sealed record ManifestDeletion(string Path, string? Sha256 = null);

/// <summary>One entry of the resulting tree.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(FolderEntry), "folder")]
[JsonDerivedType(typeof(FileEntry), "file")]
[JsonDerivedType(typeof(LinkEntry), "link")]
public abstract record ManifestEntry
{
    /// <summary>Relative to the tree, with <c>/</c>.</summary>
    [JsonPropertyOrder(-1)]
    public required string Path { get; init; }
}

/// <summary>A folder. Every folder is listed, before what it holds.</summary>
public sealed record FolderEntry : ManifestEntry
{
    /// <summary>Permission bits.</summary>
    [JsonConverter(typeof(ModeConverter))]
    public required int Mode { get; init; }
}

/// <summary>A symbolic link within the tree.</summary>
public sealed record LinkEntry : ManifestEntry
{
    /// <summary>Relative to the link's folder; climbs only at its beginning.</summary>
    public required string Target { get; init; }
}

/// <summary>A file.</summary>
public sealed record FileEntry : ManifestEntry
{
    /// <summary>Permission bits.</summary>
    [JsonConverter(typeof(ModeConverter))]
    public required int Mode { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of its content, small hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>How to get it.</summary>
    public required FileSource Source { get; init; }

    /// <summary>Whether an administrator may edit it: edits are kept over updates.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Config { get; init; }
}

/// <summary>How a file of the result is got. A reader refuses a kind that it does not know.</summary>
[JsonConverter(typeof(FileSourceConverter))]
public abstract record FileSource
{
    private FileSource()
    {
    }

    /// <summary>It is in the archive.</summary>
    public sealed record Full : FileSource;

    /// <summary>The base has the same content at the same path.</summary>
    public sealed record Keep : FileSource;

    /// <summary>The base has the same content at another path.</summary>
    /// <param name="From">The path in the base.</param>
    public sealed record Move(string From) : FileSource;
}
