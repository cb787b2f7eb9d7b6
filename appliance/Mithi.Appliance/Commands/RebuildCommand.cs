using System.CommandLine;
using Mithi.Cli;
using Mithi.Kernel.Data;
using Mithi.Kernel.Search;

namespace Mithi.Appliance.Commands;

/// <summary>mithi rebuild: all that is derived, again from what it is derived from. The node must be stopped.</summary>
internal static class RebuildCommand
{
    private static readonly Option<bool> Force = new("--force")
    {
        Description = "Also from a log that was changed: what is missing there will be missing in the tickets, and no longer show.",
    };

    public static Command Build()
    {
        var command = new Command("rebuild",
            "Makes the rows, clocks and search documents of tickets again from their logs, and the search index of all else. The node must be stopped.") { Force };
        NodeArguments.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult args, CancellationToken ct)
    {
        // Only the folder's lock keeps a node from writing meanwhile.
        await using var node = new JoinedNode(NodeArguments.Open(args));
        await Faults.ExplainAsync(() => node.Get<Migrations>().EnsureCurrentAsync(node.Db, ct));
        if (!args.GetValue(Force)) await RequireIntactAsync(node, ct);
        using var progress = Progress.ForConsole(TimeProvider.System);
        var index = node.Get<SearchIndex>();
        foreach (var part in node.All<ISearchable>())
        {
            var done = new Told((at, total) => progress.Report($"Rebuilding: {part.Kind}", at, total));
            await Faults.ExplainAsync(async () =>
            {
                await index.ClearAsync(part.Kind, ct);
                await part.ReindexAsync(index, node.Db, done, ct);
            });
            Console.WriteLine($"{part.Kind}: {done.Count}");
        }
        return ExitCode.Done;
    }

    private static async Task RequireIntactAsync(JoinedNode node, CancellationToken ct)
    {
        foreach (var log in node.Logs)
            if (await log.VerifyAsync(ct) is { Intact: false } verdict)
                throw new UserException($"{log.Name}: {verdict.Message}",
                    "Restore a backup from before the change; or rebuild from what is there with --force.");
    }

    // Progress<T> of the library tells from another thread, and may tell the end before the middle.
    private sealed class Told(Action<long, long> tell) : IProgress<(long Done, long Total)>
    {
        public long Count { get; private set; }

        public void Report((long Done, long Total) value)
        {
            Count = value.Done;
            tell(value.Done, value.Total);
        }
    }
}
