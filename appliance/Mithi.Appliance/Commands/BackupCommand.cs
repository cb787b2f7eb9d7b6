using System.CommandLine;
using Mithi.Cli;
using Mithi.Node.Backup;

namespace Mithi.Appliance.Commands;

/// <summary>mithi backup: all that a node owns in one file, while it works.</summary>
internal static class BackupCommand
{
    private static readonly Option<string?> To = new("--to") { Description = "A file to make, or a folder to make it in. Default: backup/ of the data folder." };

    public static Command Build()
    {
        var command = new Command("backup", "Puts all that the node owns into one file; the node may be running.") { To };
        NodeArguments.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult args, CancellationToken ct)
    {
        await using var node = await NodeArguments.JoinAsync(args, ct);
        var to = args.GetValue(To) ?? node.Options.Folder.Backup;
        var file = Directory.Exists(to) ? Path.Join(to, BackupWriter.NameAt(TimeProvider.System.GetUtcNow())) : to;
        await Faults.ExplainAsync(async () =>
        {
            var made = await BackupWriter.WriteAsync(node.Options.Folder.Root, node.Db, file, TimeProvider.System, ct);
            Console.WriteLine($"{Path.GetFullPath(file)}: {made.Entries.Count} files, {made.Entries.Sum(e => e.Bytes)} bytes unpacked");
        });
        return ExitCode.Done;
    }
}
