using System.Globalization;
using Mithi.Cli;

namespace Mithi.Trust.Tests.Cli;

/// <summary>The real program, at a time of our choosing.</summary>
internal static class ReleaseTool
{
    public static Task<ProcResult> RunAsync(params string[] arguments) => RunAtAsync(null, arguments);

    public static Task<ProcResult> RunAtAsync(DateTimeOffset? now, params string[] arguments)
    {
        string[] program = ["dotnet", Path.Join(AppContext.BaseDirectory, "mithi-release.dll"), .. arguments];
        if (now is { } at)
            program = ["faketime", "-f", "@" + at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), .. program];
        return Proc.RunAsync(program[0], program[1..], new ProcOptions
        {
            DebianPackage = now is null ? null : "faketime",
            Timeout = TimeSpan.FromMinutes(2),
            // Timers go by the monotonic clock, which must go on.
            Environment = new Dictionary<string, string?> { ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1", ["TZ"] = "UTC" },
        }, TestContext.Current.CancellationToken);
    }
}
