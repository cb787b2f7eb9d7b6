using Mithi.Cli;

namespace Mithi.Testing;

/// <summary>The real <c>mithi-release</c>, as built beside the tests.</summary>
public static class ReleaseTool
{
    public static string Program { get; } = Checkout.Built("release-tooling/Mithi.ReleaseTool", "mithi-release");

    /// <summary>Runs it in <paramref name="folder"/>; fails unless it succeeds.</summary>
    public static Task<string> RunAsync(string folder, params string[] arguments)
        => Proc.OutputAsync(Program, arguments, new() { WorkingDirectory = folder });

    /// <summary>Runs it, whatever comes of it.</summary>
    public static Task<ProcResult> TryAsync(string folder, params string[] arguments)
        => Proc.RunAsync(Program, arguments, new() { WorkingDirectory = folder });
}
