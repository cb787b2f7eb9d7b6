using Mithi.Archive;
using Mithi.Cli;
using Mithi.Protocol.Messages;
using Mithi.Site.Apply;

namespace Mithi.Site.Agent;

/// <summary>Asks the product itself whether it does its work, and gives each line of its answer as a check.</summary>
internal static class ProductHealth
{
    public static async Task<IReadOnlyList<HealthCheck>> AskAsync(ProductFolder product, CancellationToken ct)
    {
        if (product.CurrentVersion() is not { } version) return [new(product.Product, false, "No version is installed.")];
        try
        {
            var contract = ProductContract.Of(product.TreeOf(version), product.ManifestOf(version));
            if (contract.Health is not { } script) return [new(product.Product, true, "It has no check of its own.")];
            var result = await Proc.RunAsync(Path.Join(product.Current, script), [], new ProcOptions
            {
                Timeout = TimeSpan.FromSeconds(contract.HealthSeconds), WorkingDirectory = "/", OutputBytesMax = Limits.HealthBytesMax,
            }, ct);
            var checks = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(Limits.HealthChecksMax).Select(Read).ToList();
            // The exit code decides; the lines only explain.
            if (result.ExitCode != 0 && checks.All(check => check.Healthy))
                checks.Add(new(product.Product, false, $"It ended with {result.ExitCode}. {result.Error}".Trim()));
            return checks.Count > 0 ? checks : [new(product.Product, true, "")];
        }
        catch (Exception e) when (e is ProcException or UserException or ArchiveException or IOException or UnauthorizedAccessException)
        {
            return [new(product.Product, false, e.Message)];
        }
    }

    private static HealthCheck Read(string line)
    {
        var words = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var said = words.Length > 1 ? words[1] : "";
        return new(words.Length > 0 ? words[0] : "", said.StartsWith("ok", StringComparison.Ordinal), said);
    }
}
