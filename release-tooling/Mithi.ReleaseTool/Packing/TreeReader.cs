using System.Globalization;
using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.ReleaseTool.Packing;

/// <summary>What the command line says on top of release.json.</summary>
internal sealed record Overrides(string? Version = null, long? Stamp = null, IReadOnlyList<string>? Fixes = null, string? NotesFile = null);

/// <summary>A tree and its release.json as the manifest of a whole archive.</summary>
internal static class TreeReader
{
    public const string StampVariable = "SOURCE_DATE_EPOCH";

    public static Manifest Read(string tree, ReleaseFile release, Overrides overrides, ArchiveKind kind, CancellationToken ct)
    {
        if (!Directory.Exists(tree)) throw new UserException($"{tree} is not a folder.", "Name the folder that holds the product's files.");
        var version = overrides.Version ?? release.Version;
        if (!ArchiveName.IsProduct(release.Product))
            throw new UserException($"\"{release.Product}\" can't be a product's id.", "Use small letters, digits and inner dashes, beginning with a letter.");

        var config = release.Config.Select(pattern => new Glob(pattern)).ToArray();
        var modes = release.Modes.Select(pair => (Glob: new Glob(pair.Key), Mode: Mode(pair.Value))).ToArray();
        return RequirePackable(new Manifest
        {
            Product = release.Product,
            Version = ReleaseVersion.TryParse(version)
                ?? throw new UserException($"\"{version}\" is not a version.", "Write it like 1.0.0, 1.0.0-sp1, 1.0.0-p1 or 1.0.0-sp1-p1."),
            Platform = release.Platform,
            Kind = kind,
            Stamp = Stamp(release, overrides),
            Fixes = [.. release.Fixes.Concat(overrides.Fixes ?? []).Distinct()],
            Requires = release.Requires,
            Supersedes = release.Supersedes,
            Conflicts = release.Conflicts,
            Restarts = release.Restarts,
            MinimumInstaller = release.MinimumInstaller,
            Notes = overrides.NotesFile is { } notes ? ReadNotes(notes) : release.Notes,
            Entries = TreeScan.Read(tree,
                path => config.Any(glob => glob.Matches(path)),
                path => modes.LastOrDefault(mode => mode.Glob.Matches(path)) is { Glob: not null } found ? found.Mode : null,
                ct),
        });
    }

    // What an archive can't hold is the tree's fault here, and whoever packs it can change the tree.
    private static Manifest RequirePackable(Manifest manifest)
    {
        try
        {
            _ = ManifestJson.Write(manifest);
            return manifest;
        }
        catch (ArchiveException e)
        {
            throw new UserException(e.Message, e.Fault switch
            {
                ArchiveFault.LinkEscapes => "Make the link relative and within the tree (ln -sr), or leave it to the product's install script.",
                ArchiveFault.CaseCollision => "Rename one of the two: not every file system can hold both.",
                ArchiveFault.PathEscapes => "Rename it: the names of a tree are plain text without control characters and backslashes.",
                _ => "Change it in the tree or in release.json, and pack again.",
            }, e);
        }
    }

    private static long Stamp(ReleaseFile release, Overrides overrides)
    {
        if (overrides.Stamp is { } given) return given;
        if (Environment.GetEnvironmentVariable(StampVariable) is { Length: > 0 } text)
        {
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var stamp)
                ? stamp
                : throw new UserException($"{StampVariable} is \"{text}\".", "It has to be unix seconds.");
        }
        // The clock would give other bytes each time, and the manifest could no longer be rebuilt.
        return release.Stamp
            ?? throw new UserException("The release has no stamp.", $"Put \"stamp\": unix seconds into release.json, or give --stamp or {StampVariable}. date +%s tells them.");
    }

    private static int Mode(string text)
        => text is ['0', >= '4' and <= '7', >= '0' and <= '7', >= '0' and <= '7']
            ? Convert.ToInt32(text, 8)
            : throw new UserException($"\"{text}\" is not a mode.", "Write it like 0600, within 0400 and 0777. An install script sets owners and set-group-id.");

    private static string ReadNotes(string path)
        => File.Exists(path) ? File.ReadAllText(path) : throw new UserException($"{path} is not there.", "It was named with --notes.");
}
