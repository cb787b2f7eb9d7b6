using System.CommandLine;
using Mithi.Cli;
using Mithi.Kernel.Data;

namespace Mithi.Appliance.Commands;

/// <summary>mithi migrate: brings the database to this version without starting the node.</summary>
internal static class MigrateCommand
{
    public static Command Build()
    {
        var command = new Command("migrate", "Brings the database to this version; serve does it too.");
        NodeArguments.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult args, CancellationToken ct)
    {
        var options = NodeArguments.Open(args);
        using var folder = options.Folder;
        await using var db = new Db(options.Db);
        IReadOnlyList<string> ran = [];
        await Faults.ExplainAsync(async () => ran = await new Migrations(options.Db, Appliance.Assemblies).RunAsync(db, ct));
        foreach (var name in ran) Console.WriteLine(name);
        Console.WriteLine(ran.Count == 0 ? "The database is up to date." : $"{ran.Count} steps done.");
        return ExitCode.Done;
    }
}
