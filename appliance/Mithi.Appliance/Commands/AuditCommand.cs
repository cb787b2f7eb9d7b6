using System.CommandLine;
using Mithi.Cli;

namespace Mithi.Appliance.Commands;

/// <summary>mithi audit verify: whether the audit log is as it was written. The node may be running.</summary>
internal static class AuditCommand
{
    public static Command Build()
    {
        var verify = new Command("verify", "Checks the chain of hashes from the first entry to the last.");
        NodeArguments.AddTo(verify);
        verify.SetAction(VerifyAsync);
        return new("audit", "The log of who did what.") { verify };
    }

    private static async Task<int> VerifyAsync(ParseResult args, CancellationToken ct)
    {
        await using var node = await NodeArguments.JoinAsync(args, ct);
        var verdict = await node.Audit.VerifyAsync(ct);
        Console.WriteLine(verdict.Intact ? $"Intact: {verdict.At} entries." : verdict.Message);
        return verdict.Intact ? ExitCode.Done : ExitCode.Failed;
    }
}
