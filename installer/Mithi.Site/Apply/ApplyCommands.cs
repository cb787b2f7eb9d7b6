using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.Site.Apply;

/// <summary>The commands of <c>mithi-site</c> that bring a product to a version and back.</summary>
internal static class ApplyCommands
{
    /// <summary>All of them, for the program's table.</summary>
    public static IReadOnlyList<Command> Build() => [BuildApply(), BuildRollback(), BuildResume(), BuildVerify(), BuildStatus()];

    private static Option<DirectoryInfo> Root() => new("--root")
    {
        Description = "Where products are installed.",
        DefaultValueFactory = _ => new("/opt/mithi"),
    };

    private static Option<string?> Product() => new("--product") { Description = "Which product; needed if there are several." };

    private static Command BuildApply()
    {
        var from = new Argument<string>("from") { Description = "An archive, or a folder with a whole repository (metadata/ and targets/)." };
        var sha256 = new Option<string?>("--sha256") { Description = "The SHA-256 that the archive must have; a lone archive says nothing about who made it." };
        var version = new Option<string?>("--version") { Description = "From a folder: which version." };
        var trust = new Option<DirectoryInfo?>("--trust") { Description = "From a folder: the trusted metadata, with root.json." };
        var (root, product) = (Root(), Product());
        var command = new Command("apply", "Brings a product to another version, or leaves the old one running.") { from, sha256, product, version, trust, root };
        command.SetAction(async (args, ct) =>
        {
            var path = Path.GetFullPath(args.GetRequiredValue(from));
            var rootPath = args.GetRequiredValue(root).FullName;
            return Directory.Exists(path)
                ? await ApplyFolderAsync(args, path, rootPath, args.GetValue(product), args.GetValue(version), args.GetValue(trust)?.FullName, ct)
                : await ApplyArchiveAsync(args, path, rootPath, args.GetValue(sha256), ct);
        });
        return command;
    }

    private static async Task<int> ApplyArchiveAsync(ParseResult args, string path, string root, string? sha256, CancellationToken ct)
    {
        if (!File.Exists(path)) throw new UserException($"{path} is not there.", "Name an archive or a folder.");
        if (sha256 is null)
            throw new UserException("A lone archive says nothing about who made it.", "Give --sha256 as the node or the release notes say it, or apply from a folder with metadata.");
        var found = await Task.Run(() => TreeScan.Sha256(path, ct), ct);
        if (!string.Equals(found, sha256, StringComparison.OrdinalIgnoreCase))
            throw new UserException($"{path} has the SHA-256 {found}.", "It is not the archive that you mean: fetch it again.");
        var manifest = ArchiveReader.ManifestOf(path);
        return await ApplyAsync(args, ProductFolder.At(root, manifest.Product), [path], ct);
    }

    private static async Task<int> ApplyFolderAsync(
        ParseResult args, string folder, string root, string? product, string? version, string? trust, CancellationToken ct)
    {
        if (version is null || trust is null)
            throw new UserException("From a folder, the version and the trusted metadata have to be named.", "Add --version and --trust, and --product for the first time.");
        var target = ReleaseVersion.TryParse(version) ?? throw new UserException($"\"{version}\" is not a version.", "Write it like 1.0.0-sp1-p1.");
        var place = product is null ? Only(root, null) : ProductFolder.At(root, product);
        var scratch = Path.Join(place.Folder, "fetched");
        Directory.CreateDirectory(scratch);
        try
        {
            var chain = await new ReleaseStick(folder, trust, TimeProvider.System).FetchAsync(place, target, scratch, ct);
            return await ApplyAsync(args, place, chain, ct);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static async Task<int> ApplyAsync(ParseResult args, ProductFolder product, IReadOnlyList<string> archives, CancellationToken ct)
    {
        using var progress = Progress.ForConsole(TimeProvider.System);
        var engine = new ApplyEngine(product, Host(progress));
        return Tell(args, product, await engine.ApplyAsync(archives, (done, total) => progress.Report($"Making {product.Product}", done, total), ct));
    }

    private static Command BuildRollback()
    {
        var to = new Option<string?>("--to") { Description = "The version; the newest older one if not given." };
        var (root, product) = (Root(), Product());
        var command = new Command("rollback", "Goes back to an installed version.") { to, product, root };
        command.SetAction(async (args, ct) =>
        {
            var version = args.GetValue(to) is { } text
                ? ReleaseVersion.TryParse(text) ?? throw new UserException($"\"{text}\" is not a version.", "mithi-site status says which are here.")
                : null;
            var place = Only(args.GetRequiredValue(root).FullName, args.GetValue(product));
            using var progress = Progress.ForConsole(TimeProvider.System);
            return Tell(args, place, await new ApplyEngine(place, Host(progress)).RollbackAsync(version, ct));
        });
        return command;
    }

    private static Command BuildResume()
    {
        var root = Root();
        var command = new Command("resume", "Takes up updates that a power cut interrupted. Run at every start.") { root };
        command.SetAction(async (args, ct) =>
        {
            var code = ExitCode.Done;
            using var progress = Progress.ForConsole(TimeProvider.System);
            foreach (var product in ProductFolder.All(args.GetRequiredValue(root).FullName))
            {
                var result = await new ApplyEngine(product, Host(progress)).ResumeAsync(ct);
                if (result is not ApplyResult.NothingToDo) code = Math.Max(code, Tell(args, product, result));
            }
            return code;
        });
        return command;
    }

    private static Command BuildVerify()
    {
        var (root, product) = (Root(), Product());
        var command = new Command("verify", "Reads every file of the version that runs and compares it with its manifest.") { product, root };
        command.SetAction((args, ct) => Task.Run(() =>
        {
            var place = Only(args.GetRequiredValue(root).FullName, args.GetValue(product));
            var version = place.CurrentVersion() ?? throw new UserException($"No version of {place.Product} runs here.", "Apply one first.");
            using var progress = Progress.ForConsole(TimeProvider.System);
            var differences = TreeCheck.Compare(place.TreeOf(version), place.ManifestOf(version), contents: true,
                (done, total) => progress.Report("Reading", done, total), ct);
            progress.Dispose();
            var to = args.InvocationConfiguration.Output;
            foreach (var difference in differences) to.WriteLine($"{difference.Fault,-14}{difference.Path}");
            to.WriteLine(differences.Count == 0 ? $"{place.Product} {version} is clean." : $"{place.Product} {version} has {differences.Count} differences.");
            return differences.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        }, ct));
        return command;
    }

    private static Command BuildStatus()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var root = Root();
        var command = new Command("status", "Says what is installed and how the last update ended.") { json, root };
        command.SetAction((args, _) =>
        {
            var all = ProductFolder.All(args.GetRequiredValue(root).FullName).Select(ProductStatus.Of).ToArray();
            var to = args.InvocationConfiguration.Output;
            if (args.GetValue(json)) to.WriteLine(JsonSerializer.Serialize(all, StatusContext.Default.ProductStatusArray));
            else if (all.Length == 0) to.WriteLine("No product is installed.");
            else foreach (var status in all) status.Print(to);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static ProductFolder Only(string root, string? product)
    {
        if (product is not null) return ProductFolder.At(root, product);
        return ProductFolder.All(root) switch
        {
            [var only] => only,
            [] => throw new UserException($"No product is installed in {root}.", "Name another folder with --root, or a product with --product."),
            var several => throw new UserException($"{several.Count} products are installed in {root}.", "Say which with --product."),
        };
    }

    private static ApplyHost Host(Progress progress) => new() { Say = progress.Say };

    private static int Tell(ParseResult args, ProductFolder product, ApplyResult result)
    {
        var to = args.InvocationConfiguration.Output;
        switch (result)
        {
            case ApplyResult.Done done:
                to.WriteLine($"{product.Product} {done.Version} runs{(done.Previous is null ? "" : $"; before it was {done.Previous}")}.");
                return ExitCode.Done;
            case ApplyResult.NothingToDo nothing:
                to.WriteLine($"Nothing to do: {product.Product} {nothing.Version?.ToString() ?? "is not installed"}{(nothing.Version is null ? "" : " runs")}.");
                return ExitCode.Done;
            case ApplyResult.WentBack back:
                to.WriteLine($"{product.Product} {back.Version} failed: {back.Reason}");
                to.WriteLine(back.Previous is null ? "It was the first version; none runs now." : $"{back.Previous} runs again.");
                return ExitCode.Failed;
            case ApplyResult.Unhealthy unhealthy:
                to.WriteLine($"{product.Product} {unhealthy.Version} runs as asked, but: {unhealthy.Reason}");
                return ExitCode.Failed;
            default:
                throw new InvalidOperationException(result.GetType().Name);
        }
    }
}

/// <summary>What is installed, for people, --json and the agent's report.</summary>
internal sealed record ProductStatus(
    string Product, string? Current, IReadOnlyList<string> Installed, string? Interrupted, string? LastOperation, string? LastStep,
    string? LastVersion, string? LastReason, long? LastAt)
{
    public static ProductStatus Of(ProductFolder product)
    {
        var last = ApplyJournal.Read(product.JournalFile) is [.., var newest] ? newest : null;
        return new(product.Product, product.CurrentVersion()?.ToString(), [.. product.Installed().Select(version => version.ToString())],
            last is { IsEnd: false } ? last.Version.ToString() : null, last?.Operation, last?.Step.ToString(), last?.Version.ToString(), last?.Reason, last?.At);
    }

    public void Print(TextWriter to)
    {
        to.WriteLine($"{Product} {Current ?? "(none)"}");
        to.WriteLine($"  installed    {string.Join(", ", Installed)}");
        if (LastStep is null) return;
        to.WriteLine($"  last         {LastOperation} of {LastVersion}: {LastStep} at {DateTimeOffset.FromUnixTimeMilliseconds(LastAt!.Value):yyyy-MM-dd HH:mm:ss'Z'}");
        if (LastReason is not null) to.WriteLine($"  because      {LastReason.ReplaceLineEndings("\n               ")}");
        if (Interrupted is not null) to.WriteLine("  interrupted  yes: mithi-site resume takes it up");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ProductStatus[]))]
internal sealed partial class StatusContext : JsonSerializerContext;
