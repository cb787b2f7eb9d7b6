using System.CommandLine;
using Mithi.Cli;
using Mithi.Node.Health;

namespace Mithi.Appliance.Commands;

/// <summary>mithi doctor: looks at all that can be wrong with a node and says what to do. The node may be running.</summary>
internal static class DoctorCommand
{
    public static Command Build()
    {
        var command = new Command("doctor", "Looks at the node and says what is wrong; ends with 1 when something is.");
        NodeArguments.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult args, CancellationToken ct)
    {
        await using var node = await NodeArguments.JoinAsync(args, ct);
        var findings = await node.Get<Doctor>().LookAsync(ct);
        foreach (var finding in findings)
        {
            Console.WriteLine($"{finding.Level.ToString().ToLowerInvariant(),-4}  {finding.What}: {finding.Message}");
            if (finding.Level != Level.Good && finding.Hint.Length > 0) Console.WriteLine($"      {finding.Hint}");
        }
        return findings.Any(f => f.Level == Level.Bad) ? ExitCode.Failed : ExitCode.Done;
    }
}
