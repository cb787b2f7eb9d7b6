using System.CommandLine;
using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.ReleaseTool.Commands;

/// <summary>mithi-release show: what an archive says it is.</summary>
internal static class ShowCommand
{
    public static Command Build()
    {
        var archive = new Argument<FileInfo>("archive") { Description = "An archive; only its manifest is read." };
        var json = new Option<bool>("--json") { Description = "Print the manifest itself." };
        var files = new Option<bool>("--files") { Description = "List every entry, too." };
        var command = new Command("show", "Shows what an archive says it is. verify checks that it is so.") { archive, json, files };
        command.SetAction((args, _) => Task.FromResult(Run(args, args.GetRequiredValue(archive).FullName, args.GetValue(json), args.GetValue(files))));
        return command;
    }

    private static int Run(ParseResult args, string path, bool json, bool files)
    {
        var manifest = Files.ManifestOf(path);
        var to = args.InvocationConfiguration.Output;
        if (json)
        {
            to.Write(System.Text.Encoding.UTF8.GetString(ManifestJson.Write(manifest)));
            return ExitCode.Done;
        }
        to.WriteLine(manifest.Name.ToString());
        to.WriteLine($"product     {manifest.Product}");
        to.WriteLine($"version     {manifest.Version}");
        to.WriteLine($"kind        {manifest.Kind.Word()}");
        to.WriteLine($"stamp       {DateTimeOffset.FromUnixTimeSeconds(manifest.Stamp):yyyy-MM-dd'T'HH:mm:ss'Z'}");
        if (manifest.Base is { } from) to.WriteLine($"base        {from.Version}, tree {from.Tree}");
        foreach (var (name, list) in new[]
        {
            ("fixes", manifest.Fixes), ("requires", manifest.Requires), ("supersedes", manifest.Supersedes),
            ("conflicts", manifest.Conflicts), ("restarts", manifest.Restarts),
        })
        {
            if (list.Count > 0) to.WriteLine($"{name,-12}{string.Join(", ", list)}");
        }
        to.WriteLine($"tree        {manifest.TreeDigest()}, {manifest.Entries.Count} entries, {manifest.TreeBytes} bytes");
        foreach (var source in manifest.Files.GroupBy(file => Word(file.Source)))
            to.WriteLine($"{source.Key,-12}{source.Count()} files, {source.Sum(file => file.Size)} bytes");
        if (manifest.Deleted.Count > 0) to.WriteLine($"deleted     {manifest.Deleted.Count} entries");
        if (manifest.Notes.Length > 0) to.WriteLine($"\n{manifest.Notes.TrimEnd()}");
        if (files) List(to, manifest);
        return ExitCode.Done;
    }

    private static void List(TextWriter to, Manifest manifest)
    {
        to.WriteLine();
        foreach (var entry in manifest.Entries)
        {
            to.WriteLine(entry switch
            {
                FileEntry file => $"{Word(file.Source),-7}{Convert.ToString(file.Mode, 8)} {file.Size,12} {file.Path}{(file.Config ? "  (config)" : "")}",
                LinkEntry link => $"link   {"",16} {link.Path} -> {link.Target}",
                _ => $"folder {Convert.ToString(((FolderEntry)entry).Mode, 8)} {"",12} {entry.Path}/",
            });
        }
        foreach (var deletion in manifest.Deleted) to.WriteLine($"gone   {"",16} {deletion.Path}");
    }

    private static string Word(FileSource source) => source switch
    {
        FileSource.Full => "full",
        FileSource.Keep => "keep",
        _ => "move",
    };
}
