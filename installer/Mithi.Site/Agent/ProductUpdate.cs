using Mithi.Archive;
using Mithi.Cli;
using Mithi.Site.Apply;
using Mithi.Site.Ask;
using Mithi.Site.Downloads;
using Mithi.Site.Link;

namespace Mithi.Site.Agent;

/// <summary>How an update of the product ended, in the words that the node gets.</summary>
internal sealed record UpdateResult(bool Ok, string Outcome, string Detail, Fault? Fault);

/// <summary>Brings the product to a version, or back: fetch, verify, apply; the old version runs when anything fails.</summary>
internal sealed class ProductUpdate(ProductFolder product, ReleaseSource source, SiteLog log, TimeProvider time)
{
    /// <summary>Where fetched archives wait until they are applied.</summary>
    public static string Fetched { get; } = Path.Join(Steps.Target.DataOnSystem, Places.Fetched);

    public async Task<UpdateResult> ApplyAsync(string version, Action<string, long, long> progress, CancellationToken ct)
    {
        try
        {
            var installed = product.Installed().Select(one => one.ToString()).ToHashSet();
            // What is installed already need not be fetched; the version itself is, so that the engine can say whether it is clean.
            var chain = Archives.Chain(product.Product, version);
            var missing = chain.Where((path, i) => i == chain.Count - 1 || !installed.Contains(path.Split('/')[1]));
            var files = new List<string>();
            foreach (var path in missing)
                files.Add(await FetchAsync(path, progress, ct));
            var result = await Engine().ApplyAsync(files, (done, total) => progress("APP", done, total), ct);
            if (result is ApplyResult.Done or ApplyResult.NothingToDo) foreach (var file in files) File.Delete(file);
            return Explain(result);
        }
        catch (FaultException e)
        {
            return new(false, "failed", e.Detail, e.Fault);
        }
        catch (Exception e) when (e is ArchiveException or UserException or ProcException or IOException or UnauthorizedAccessException)
        {
            return new(false, "refused", e.Message, Faults.Apply);
        }
    }

    public async Task<UpdateResult> RollBackAsync(CancellationToken ct)
    {
        try
        {
            return Explain(await Engine().RollbackAsync(null, ct));
        }
        catch (Exception e) when (e is ArchiveException or UserException or ProcException or IOException or UnauthorizedAccessException)
        {
            return new(false, "refused", e.Message, Faults.Apply);
        }
    }

    /// <summary>Takes up what a power cut interrupted.</summary>
    public async Task ResumeAsync(CancellationToken ct)
    {
        var result = await Engine().ResumeAsync(ct);
        if (result is not ApplyResult.NothingToDo) log.Warning("APP", $"an interrupted update was taken up: {Explain(result).Detail}");
    }

    // A line that breaks during an order is no reason to call the engineer back at once; what has come is kept.
    private async Task<string> FetchAsync(string path, Action<string, long, long> progress, CancellationToken ct)
    {
        var delay = Limits.RetryFirst;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await source.FetchAsync(path, Fetched, (done, total) => progress("FETCH_APP", done, total), ct);
            }
            catch (FaultException e) when (e.Fault.Retries && attempt < Limits.FetchAttemptsMax)
            {
                log.Warning("FETCH_APP", $"{e.Fault.Id} {e.Detail}; attempt {attempt} of {Limits.FetchAttemptsMax}");
                await Task.Delay(delay, time, ct);
                delay *= 2;
            }
        }
    }

    private ApplyEngine Engine() => new(product, new ApplyHost { Time = time, Say = line => log.Info("APP", line) });

    private static UpdateResult Explain(ApplyResult result) => result switch
    {
        ApplyResult.Done done => new(true, "done", $"{done.Version} runs, before it {done.Previous?.ToString() ?? "nothing"}.", null),
        ApplyResult.NothingToDo nothing => new(true, "done", $"{nothing.Version} runs already.", null),
        ApplyResult.WentBack back => new(false, "rolled-back",
            $"{back.Version} failed: {back.Reason} {(back.Previous is { } old ? $"{old} runs again." : "Nothing runs.")}", Faults.Unhealthy),
        ApplyResult.Unhealthy sick => new(false, "failed", $"{sick.Version} runs but is not healthy: {sick.Reason}", Faults.Unhealthy),
        _ => throw new InvalidOperationException(result.GetType().Name),
    };
}
