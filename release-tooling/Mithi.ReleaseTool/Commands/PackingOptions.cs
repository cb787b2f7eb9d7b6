using System.CommandLine;
using Mithi.Archive;
using Mithi.Cli;
using Mithi.ReleaseTool.Packing;

namespace Mithi.ReleaseTool.Commands;

/// <summary>What pack, patch and service-pack have in common.</summary>
internal sealed class PackingOptions
{
    public Argument<DirectoryInfo> Tree { get; } = new("tree") { Description = "The folder that holds the product's files, as they shall stand on the server." };

    public Option<FileInfo?> Release { get; } = new("--release") { Description = "The release.json; beside the tree's folder if not given." };

    public Option<DirectoryInfo> To { get; } = new("--out", "-o") { Description = "Where the archive shall stand.", DefaultValueFactory = _ => new(".") };

    public Option<string?> Version { get; } = new("--version") { Description = "Instead of the version in release.json." };

    public Option<long?> Stamp { get; } = new("--stamp") { Description = "Unix seconds: the time of every file, instead of that in release.json." };

    public Option<string[]> Fixes { get; } = new("--fix") { Description = "A ticket that this fixes, on top of those in release.json; can be repeated." };

    public Option<FileInfo?> Notes { get; } = new("--notes") { Description = "Release notes in Markdown, instead of those in release.json." };

    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON." };

    public void AddTo(Command command)
    {
        command.Arguments.Add(Tree);
        foreach (var option in new Option[] { Release, To, Version, Stamp, Fixes, Notes, Json }) command.Options.Add(option);
    }

    public Manifest ReadTree(ParseResult args, ArchiveKind kind, CancellationToken ct)
    {
        var tree = args.GetRequiredValue(Tree);
        var beside = Path.Join(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(tree.FullName)), "release.json");
        var release = ReleaseFile.Read(args.GetValue(Release)?.FullName ?? beside);
        return TreeReader.Read(tree.FullName, release,
            new(args.GetValue(Version), args.GetValue(Stamp), args.GetValue(Fixes), args.GetValue(Notes)?.FullName), kind, ct);
    }

    public PackedArchive Write(ParseResult args, Manifest manifest, CancellationToken ct)
    {
        using var progress = Progress.ForConsole(TimeProvider.System);
        return ArchiveWriter.WriteFile(manifest, args.GetRequiredValue(Tree).FullName, args.GetRequiredValue(To).FullName,
            (done, total) => progress.Report($"Packing {manifest.Name}", done, total), ct);
    }

    public int Print(ParseResult args, params PackedArchive[] archives)
    {
        var to = args.InvocationConfiguration.Output;
        if (args.GetValue(Json))
        {
            Print(to, [.. archives.Select(archive => ArchiveJson.Of(archive.Manifest, archive.Path, archive.Sha256, archive.Bytes))]);
            return ExitCode.Done;
        }
        foreach (var archive in archives)
        {
            var brought = archive.Manifest.Files.Count(file => file.Source is FileSource.Full);
            to.WriteLine($"{archive.Sha256}  {archive.Path}");
            to.WriteLine($"{archive.Bytes} bytes, {brought} files of {archive.Manifest.Files.Count()} in it; the tree has {archive.Manifest.TreeBytes} bytes.");
        }
        return ExitCode.Done;
    }

    private static void Print(TextWriter to, IReadOnlyList<ArchiveJson> archives)
        => to.WriteLine(System.Text.Json.JsonSerializer.Serialize(new PackedJson(archives), OutputContext.Plain.PackedJson));
}
