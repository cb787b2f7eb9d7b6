using System.Text.RegularExpressions;
using Mithi.Cli;

namespace Mithi.Bench;

/// <summary>wrk on one core against a server on the other.</summary>
internal static partial class Load
{
    /// <summary>What a measured server is started with.</summary>
    public static readonly string[] NodeCore = ["/usr/bin/taskset", "-c", "0"];

    /// <summary>Asks for a page with 16 connections for ten seconds, after two that do not count; answers requests a second and p99.</summary>
    public static async Task<string> RunAsync(Uri url, params string[] headers)
    {
        await WrkAsync(url, 2, headers);
        var text = await WrkAsync(url, 10, headers);
        var bad = Bad().Match(text) is { Success: true } refused ? $" ({refused.Value})" : "";
        return $"{Rate().Match(text).Groups[1].Value} /s, p99 {Tail().Match(text).Groups[1].Value}{bad}";
    }

    private static Task<string> WrkAsync(Uri url, int seconds, string[] headers) => Proc.OutputAsync("taskset",
        ["-c", "1", "wrk", "-t1", "-c16", $"-d{seconds}s", "--latency", .. headers.SelectMany(h => new[] { "-H", h }), url.ToString()],
        new() { DebianPackage = "wrk" });

    [GeneratedRegex(@"Requests/sec:\s+(\S+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"99%\s+(\S+)")]
    private static partial Regex Tail();

    [GeneratedRegex(@"Non-2xx or 3xx responses: \d+|Socket errors: .+")]
    private static partial Regex Bad();
}
