using System.CommandLine;
using System.Text.Json;
using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.ReleaseTool.Commands;

/// <summary>mithi-release diff: what differs between the trees of two archives of any kind.</summary>
internal static class DiffCommand
{
    public static Command Build()
    {
        var old = new Argument<FileInfo>("old") { Description = "An archive of any kind." };
        var @new = new Argument<FileInfo>("new") { Description = "Another one." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("diff", "Shows what differs between the trees that two archives make. Only their manifests are read.") { old, @new, json };
        command.SetAction((args, _) => Task.FromResult(
            Run(args, Files.ManifestOf(args.GetRequiredValue(old).FullName), Files.ManifestOf(args.GetRequiredValue(@new).FullName), args.GetValue(json))));
        return command;
    }

    private static int Run(ParseResult args, Manifest old, Manifest @new, bool json)
    {
        var to = args.InvocationConfiguration.Output;
        var differences = Between(old, @new).ToArray();
        if (json)
        {
            to.WriteLine(JsonSerializer.Serialize(new DiffsJson(old.Name.ToString(), @new.Name.ToString(), differences), OutputContext.Plain.DiffsJson));
            return ExitCode.Done;
        }
        foreach (var difference in differences)
            to.WriteLine($"{difference.Change,-9}{difference.OldSize?.ToString() ?? "",12} -> {difference.NewSize?.ToString() ?? "",-12}{difference.Path}");
        to.WriteLine($"{differences.Length} {(differences.Length == 1 ? "difference" : "differences")} between {old.Version} and {@new.Version}.");
        return ExitCode.Done;
    }

    internal static IEnumerable<DiffJson> Between(Manifest old, Manifest @new)
    {
        var (before, after) = (ByPath(old), ByPath(@new));
        foreach (var path in before.Keys.Union(after.Keys).Order(TreePath.Order))
        {
            var (was, now) = (before.GetValueOrDefault(path), after.GetValueOrDefault(path));
            if (Same(was, now)) continue;
            var change = was is null ? "added" : now is null ? "removed" : SameContent(was, now) ? "mode" : "changed";
            yield return new(path, change, (was as FileEntry)?.Size, (now as FileEntry)?.Size);
        }
    }

    private static Dictionary<string, ManifestEntry> ByPath(Manifest manifest)
        => manifest.Entries.ToDictionary(entry => entry.Path, StringComparer.Ordinal);

    // How a file is got is a matter of the archive, not of the tree.
    private static bool Same(ManifestEntry? was, ManifestEntry? now)
        => Plain(was) == Plain(now);

    private static ManifestEntry? Plain(ManifestEntry? entry) => entry is FileEntry file ? file with { Source = new FileSource.Full() } : entry;

    private static bool SameContent(ManifestEntry was, ManifestEntry now)
        => (was, now) is (FileEntry { } a, FileEntry { } b) && a.Sha256 == b.Sha256 || was is FolderEntry && now is FolderEntry;
}
