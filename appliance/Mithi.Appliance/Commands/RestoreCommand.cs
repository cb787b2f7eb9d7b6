using System.CommandLine;
using Mithi.Cli;
using Mithi.Kernel.Data;
using Mithi.Node.Backup;
using NodaTime;

namespace Mithi.Appliance.Commands;

/// <summary>mithi restore: a backup into an empty folder. What is not whole is refused and leaves nothing.</summary>
internal static class RestoreCommand
{
    private static readonly Argument<string> From = new("backup") { Description = "The file that mithi backup has made." };

    public static Command Build()
    {
        var command = new Command("restore", "Brings a backup into a new or empty data folder.") { From };
        NodeArguments.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult args, CancellationToken ct)
    {
        var data = args.GetRequiredValue(NodeArguments.Data);
        var postgres = args.GetValue(NodeArguments.Postgres) is { Length: > 0 } target ? DbOptions.Postgres(target) : null;
        await Faults.ExplainAsync(async () =>
        {
            var made = await BackupReader.RestoreAsync(args.GetRequiredValue(From), data, postgres, ct);
            var at = Instant.FromUnixTimeMilliseconds(made.MadeAt);
            Console.WriteLine($"{Path.GetFullPath(data)}: {made.Entries.Count} files as of {at}, made by mithi {made.Version}");
        });
        return ExitCode.Done;
    }
}
