using System.CommandLine;
using Mithi.Archive;

namespace Mithi.ReleaseTool.Commands;

/// <summary>mithi-release pack: a tree in, a full build out. The same tree and stamp give the same bytes.</summary>
internal static class PackCommand
{
    public static Command Build()
    {
        var options = new PackingOptions();
        var command = new Command("pack", """
            Packs a whole version.
            release.json stands beside the tree: { "product", "version", "stamp" } and, as needed, "platform", "notes" or
            "notesFile", "fixes", "requires", "supersedes", "conflicts", "restarts", "minimumInstaller", "config" (patterns),
            "modes" (pattern: mode).
            """);
        options.AddTo(command);
        command.SetAction((args, ct) => Task.Run(() => options.Print(args, options.Write(args, options.ReadTree(args, ArchiveKind.Build, ct), ct)), ct));
        return command;
    }
}
