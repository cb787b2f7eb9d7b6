using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.Site.Apply;

/// <summary>Where the product's scripts and units live.</summary>
internal sealed record ApplyHost
{
    /// <summary>The system that the product is installed into, told to its scripts as MITHI_ROOT; empty for the one that runs.</summary>
    public string SystemRoot { get; init; } = "";

    /// <summary>The program that restarts units.</summary>
    public string Systemctl { get; init; } = "systemctl";

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes a line for whoever watches.</summary>
    public Action<string> Say { get; init; } = _ => { };
}

/// <summary>Keeps a product's contract after a switch: its install script, its units, its health.</summary>
/// <remarks>The scripts are called through <c>current</c>, so what they remember of their own place stays right after the next switch.</remarks>
internal sealed class ContractRun(ProductFolder product, ApplyHost host, ReleaseVersion version, ReleaseVersion? previous, ProductContract contract)
{
    /// <exception cref="ProcException">The script failed or hung; its own words are in it.</exception>
    public async Task InstallAsync(CancellationToken ct)
    {
        if (contract.Install is { } script)
            (await Proc.RunAsync(Path.Join(product.Current, script), [], Options(Limits.InstallMax), ct)).Require();
    }

    /// <exception cref="ProcException">A unit did not start.</exception>
    public async Task RestartAsync(CancellationToken ct)
    {
        if (contract.Units.Count == 0) return;
        (await Proc.RunAsync(host.Systemctl, ["restart", "--", .. contract.Units], Options(Limits.RestartMax), ct)).Require();
    }

    /// <summary>Asks until the product is healthy. Null when it is, else the last words of the check.</summary>
    public async Task<string?> HealthAsync(CancellationToken ct)
    {
        if (contract.Health is not { } script) return null;
        var (began, bound) = (host.Time.GetTimestamp(), TimeSpan.FromSeconds(contract.HealthSeconds));
        var said = "the check did not answer";
        while (bound - host.Time.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            try
            {
                var result = await Proc.RunAsync(Path.Join(product.Current, script), [], Options(left), ct);
                if (result.ExitCode == 0) return null;
                said = Words(result);
            }
            catch (ProcException e) when (e.Fault == ProcFault.TimedOut)
            {
                break;
            }
            await Task.Delay(Limits.HealthPause, host.Time, ct);
        }
        return $"not healthy within {contract.HealthSeconds} s: {said}";
    }

    private static string Words(ProcResult result)
    {
        var words = $"{result.Output}\n{result.Error}".Trim();
        return words.Length == 0 ? $"the check ended with {result.ExitCode}" : words[..Math.Min(words.Length, Limits.ReasonCharsMax)];
    }

    private ProcOptions Options(TimeSpan timeout) => new()
    {
        Timeout = timeout,
        Time = host.Time,
        WorkingDirectory = "/",
        OutputBytesMax = 64 << 10,
        OnLine = host.Say,
        Environment = new Dictionary<string, string?>
        {
            ["MITHI_ROOT"] = host.SystemRoot,
            ["MITHI_PRODUCT"] = product.Product,
            ["MITHI_VERSION"] = version.ToString(),
            ["MITHI_PREVIOUS"] = previous?.ToString() ?? "",
            ["LC_ALL"] = "C.UTF-8",
        },
    };
}
