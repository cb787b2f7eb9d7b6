using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.Site.Apply;

/// <summary>How an update ended.</summary>
internal abstract record ApplyResult
{
    private ApplyResult()
    {
    }

    /// <summary>The version runs and is healthy.</summary>
    public sealed record Done(ReleaseVersion Version, ReleaseVersion? Previous) : ApplyResult;

    /// <summary>It was there already, or nothing was interrupted.</summary>
    public sealed record NothingToDo(ReleaseVersion? Version) : ApplyResult;

    /// <summary>The new version failed; the old one runs again (none, if it was the first).</summary>
    public sealed record WentBack(ReleaseVersion Version, ReleaseVersion? Previous, string Reason) : ApplyResult;

    /// <summary>It was rolled back as asked, but that version does not say that it is healthy either.</summary>
    public sealed record Unhealthy(ReleaseVersion Version, string Reason) : ApplyResult;
}

/// <summary>Brings a product to another version: new tree beside the old, one switch, the product's own checks, or back.</summary>
/// <remarks>
/// Everything up to <see cref="ApplyStep.Switching"/> touches nothing that runs. From there an interrupted update is taken up
/// by <see cref="ResumeAsync(CancellationToken)"/>, which every other call does first: forward, or back once the new version had failed.
/// </remarks>
internal sealed class ApplyEngine(ProductFolder product, ApplyHost host, IFaultPoint? faultPoint = null)
{
    private readonly IFaultPoint _faults = faultPoint ?? NoFault.Instance;

    /// <summary>Applies archives of one product in order and switches once, to the last one's version.</summary>
    /// <param name="archives">Verified archives: a build, then what leans on it; or only what leans on an installed version.</param>
    /// <param name="progress">Told of bytes made and all bytes to make, for each archive anew.</param>
    /// <param name="ct">Cancels. After the switch this is as a failure: the old version runs again.</param>
    /// <exception cref="ArchiveException">An archive is refused; nothing that runs was touched.</exception>
    public async Task<ApplyResult> ApplyAsync(IReadOnlyList<string> archives, Action<long, long>? progress, CancellationToken ct)
    {
        Check.That(archives.Count > 0);
        using var held = product.Lock();
        using var journal = ApplyJournal.Open(product.JournalFile, _faults);
        await ResumeAsync(journal, ct);

        var target = await Task.Run(() => ArchiveReader.ManifestOf(archives[^1]), ct);
        var current = product.CurrentVersion();
        RequireFits(target, current);
        if (current == target.Version && await Task.Run(() => IsClean(target, ct), ct)) return new ApplyResult.NothingToDo(current);

        var trees = new VersionStore(product, _faults);
        journal.Append(Record(ApplyRecord.Apply, ApplyStep.Begun, target.Version, current));
        try
        {
            foreach (var archive in archives) target = await Task.Run(() => trees.Add(archive, progress, ct), ct);
        }
        catch (Exception e)
        {
            journal.Append(Record(ApplyRecord.Apply, ApplyStep.Abandoned, target.Version, current, e.Message));
            trees.Clean();
            throw;
        }
        journal.Append(Record(ApplyRecord.Apply, ApplyStep.Built, target.Version, current));
        return await ForwardAsync(journal, ApplyRecord.Apply, target.Version, current, ct);
    }

    /// <summary>Goes back to an installed version: the one named, or the newest that is older than what runs.</summary>
    /// <param name="to">The version; null for the newest older one.</param>
    /// <param name="ct">Cancels. After the switch the rest is left to <see cref="ResumeAsync(CancellationToken)"/>.</param>
    public async Task<ApplyResult> RollbackAsync(ReleaseVersion? to, CancellationToken ct)
    {
        using var held = product.Lock();
        using var journal = ApplyJournal.Open(product.JournalFile, _faults);
        await ResumeAsync(journal, ct);

        var current = product.CurrentVersion()
            ?? throw new UserException($"No version of {product.Product} runs here.", "Apply one first.");
        to ??= product.Installed().LastOrDefault(version => version < current)
            ?? throw new UserException($"There is no older version than {current} here.", "mithi-site status says what is installed.");
        if (to == current) return new ApplyResult.NothingToDo(current);

        // Names, types and sizes take milliseconds; every byte was verified when the tree was made, and verify does it again.
        var manifest = product.ManifestOf(to);
        var edited = manifest.Files.Where(file => file.Config).Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var differences = TreeCheck.Compare(product.TreeOf(to), manifest, contents: false, null, ct);
        if (differences.FirstOrDefault(difference => !edited.Contains(difference.Path)) is { } first)
            throw new UserException($"{to} is no longer whole: {first.Path} ({first.Fault}).", "Apply its archive instead.");
        journal.Append(Record(ApplyRecord.Rollback, ApplyStep.Begun, to, current));
        return await ForwardAsync(journal, ApplyRecord.Rollback, to, current, ct);
    }

    /// <summary>Takes up what a power cut or a kill interrupted. To be called at every start, before the product is used.</summary>
    public async Task<ApplyResult> ResumeAsync(CancellationToken ct)
    {
        if (!File.Exists(product.JournalFile)) return new ApplyResult.NothingToDo(product.CurrentVersion());
        using var held = product.Lock();
        using var journal = ApplyJournal.Open(product.JournalFile, _faults);
        return await ResumeAsync(journal, ct);
    }

    private async Task<ApplyResult> ResumeAsync(ApplyJournal journal, CancellationToken ct)
    {
        if (journal.Last is not { IsEnd: false } last)
        {
            new VersionStore(product, _faults).Clean();
            return new ApplyResult.NothingToDo(product.CurrentVersion());
        }
        host.Say($"An interrupted {last.Operation} of {product.Product} {last.Version} is taken up after {last.Step}.");
        if (last.Step == ApplyStep.GoingBack) return await BackAsync(journal, last, ct);
        if (last.Step >= ApplyStep.Switching) return await ForwardAsync(journal, last.Operation, last.Version, last.Previous, ct);

        new VersionStore(product, _faults).Clean();
        journal.Append(Record(last.Operation, ApplyStep.Abandoned, last.Version, last.Previous, "interrupted before the switch"));
        return new ApplyResult.NothingToDo(product.CurrentVersion());
    }

    // Every step may have been done before: each finds out, or does no harm twice.
    private async Task<ApplyResult> ForwardAsync(
        ApplyJournal journal, string operation, ReleaseVersion version, ReleaseVersion? previous, CancellationToken ct)
    {
        journal.Append(Record(operation, ApplyStep.Switching, version, previous));
        string? reason;
        try
        {
            product.Switch(version);
            journal.Append(Record(operation, ApplyStep.Switched, version, previous));
            reason = await StartAsync(version, previous, step => journal.Append(Record(operation, step, version, previous)), ct);
        }
        catch (OperationCanceledException e) when (operation == ApplyRecord.Apply)
        {
            reason = e.Message;
        }
        // A stopped rollback has nowhere better to go: it ends without an end in the journal, and the next start takes it up.
        catch (Exception e) when (e is ProcException or UserException or IOException or UnauthorizedAccessException or ArchiveException)
        {
            reason = e.Message;
        }

        if (reason is not null && operation == ApplyRecord.Apply)
        {
            var failed = Record(operation, ApplyStep.GoingBack, version, previous, reason);
            journal.Append(failed);
            return await BackAsync(journal, failed, CancellationToken.None);
        }
        journal.Append(Record(operation, ApplyStep.Committed, version, previous, reason));
        ConfigMerge.Settle(product, product.ManifestOf(version));
        if (reason is not null) return new ApplyResult.Unhealthy(version, reason);
        if (operation == ApplyRecord.Apply) new VersionStore(product, _faults).Prune(version, previous);
        return new ApplyResult.Done(version, previous);
    }

    // Whatever fails here, the old version's link stands; its health was its own before.
    private async Task<ApplyResult> BackAsync(ApplyJournal journal, ApplyRecord failed, CancellationToken ct)
    {
        var (version, previous, reason) = (failed.Version, failed.Previous, failed.Reason ?? "");
        host.Say($"{product.Product} {version} failed, going back: {reason}");
        product.Switch(previous);
        _faults.Reached("switched back");
        if (previous is not null)
        {
            try
            {
                await StartAsync(previous, version, _ => { }, ct);
            }
            catch (Exception e) when (e is ProcException or UserException or IOException or UnauthorizedAccessException or ArchiveException)
            {
                reason = $"{reason}; and starting {previous} again: {e.Message}";
            }
        }
        journal.Append(Record(failed.Operation, ApplyStep.WentBack, version, previous, reason));
        return new ApplyResult.WentBack(version, previous, reason);
    }

    private async Task<string?> StartAsync(ReleaseVersion version, ReleaseVersion? previous, Action<ApplyStep> done, CancellationToken ct)
    {
        var manifest = product.ManifestOf(version);
        var from = previous is not null && File.Exists(product.ManifestFileOf(previous)) ? product.ManifestOf(previous) : null;
        ConfigMerge.Run(product, from, manifest, _faults, host.Say);
        done(ApplyStep.Configured);
        var run = new ContractRun(product, host, version, previous, ProductContract.Of(product.TreeOf(version), manifest));
        await run.InstallAsync(ct);
        done(ApplyStep.Installed);
        await run.RestartAsync(ct);
        done(ApplyStep.Restarted);
        if (manifest.Restarts.Contains("machine")) host.Say($"{product.Product} {version} asks for a restart of the machine.");
        return await run.HealthAsync(ct);
    }

    private static void RequireFits(Manifest target, ReleaseVersion? current)
    {
        if (target.Kind == ArchiveKind.OsImage)
            throw new UserException($"{target.Name} is an operating system image.", "The installer writes it; mithi-site apply is for products.");
        if (ReleaseVersion.Parse(target.MinimumInstaller) > ReleaseVersion.Parse(Own))
            throw new UserException($"{target.Name} needs mithi-site {target.MinimumInstaller}, this is {Own}.", "Update mithi-site first.");
        if (current is null) return;
        if (target.Version < current)
            throw new UserException($"{current} runs here; {target.Version} is older.", $"Go back with: mithi-site rollback --to {target.Version}");
        if (target.Conflicts.Contains(current.ToString()))
            throw new UserException($"{target.Name} can't be applied on {current}.", "Ask for a merged patch, naming both.");
        if (target.Requires.FirstOrDefault(required => !(ReleaseVersion.Parse(required) <= current)) is { } missing)
            throw new UserException($"{target.Name} requires {missing}, here is {current}.", $"Apply {missing} first.");
    }

    private static string Own { get; } = typeof(ApplyEngine).Assembly.GetName().Version is { } version
        ? $"{version.Major}.{version.Minor}.{Math.Max(0, version.Build)}" : "0.0.0";

    private bool IsClean(Manifest target, CancellationToken ct)
        => product.ManifestOf(target.Version).TreeDigest() == target.TreeDigest()
            && TreeCheck.Compare(product.TreeOf(target.Version), target, contents: true, null, ct).Count == 0;

    private ApplyRecord Record(string operation, ApplyStep step, ReleaseVersion version, ReleaseVersion? previous, string? reason = null)
        => new(host.Time.GetUtcNow().ToUnixTimeMilliseconds(), operation, step, version, previous,
            reason is { Length: > Limits.ReasonCharsMax } ? reason[..Limits.ReasonCharsMax] : reason);
}
