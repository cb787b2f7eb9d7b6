using System.CommandLine;
using Mithi.Cli;

namespace Mithi.Appliance.Commands;

/// <summary>mithi audit verify: whether the audit log and the modules' own logs are as they were written. The node may be running.</summary>
internal static class AuditCommand
{
    public static Command Build()
    {
        var verify = new Command("verify", "Checks the chains of hashes of the audit log and of every ticket, from the first entry to the last.");
        NodeArguments.AddTo(verify);
        verify.SetAction(VerifyAsync);
        return new("audit", "The log of who did what.") { verify };
    }

    private static async Task<int> VerifyAsync(ParseResult args, CancellationToken ct)
    {
        await using var node = await NodeArguments.JoinAsync(args, ct);
        var intact = true;
        foreach (var log in node.Logs)
        {
            var verdict = await log.VerifyAsync(ct);
            Console.WriteLine(verdict.Intact ? $"Intact: {log.Name}, {verdict.At} {log.Counted}." : $"Changed: {log.Name}: {verdict.Message}");
            intact &= verdict.Intact;
        }
        return intact ? ExitCode.Done : ExitCode.Failed;
    }
}
