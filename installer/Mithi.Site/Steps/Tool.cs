using Mithi.Cli;
using Mithi.Site.Ask;

namespace Mithi.Site.Steps;

/// <summary>Runs a program of the medium and turns its failure into a fault that somebody hears of.</summary>
internal static class Tool
{
    public static async Task<string> RunAsync(
        Fault onFailure, string program, string[] arguments, CancellationToken ct, byte[]? input = null, TimeSpan? timeout = null,
        Action<string>? onLine = null)
    {
        try
        {
            return await Proc.OutputAsync(program, arguments, new ProcOptions
            {
                Input = input,
                Timeout = timeout ?? Limits.ToolMax,
                OnLine = onLine,
            }, ct);
        }
        catch (Exception e) when (e is ProcException or UserException)
        {
            throw new FaultException(onFailure, e.Message, e);
        }
    }
}
