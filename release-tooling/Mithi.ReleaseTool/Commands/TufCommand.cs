using System.CommandLine;
using Mithi.Cli;
using Mithi.Trust;
using Mithi.Trust.Client;

namespace Mithi.ReleaseTool.Commands;

/// <summary>mithi-release tuf: the client workflow by itself, so that it can be judged from outside. Exit 0 accepted, 1 refused.</summary>
internal static class TufCommand
{
    private static readonly Option<DirectoryInfo> MetadataDir = new("--metadata-dir")
    {
        Required = true, Recursive = true, Description = "What is trusted so far, one un-versioned file a role.",
    };

    private static readonly Option<Uri?> MetadataUrl = Url("--metadata-url", "Where the repository's metadata is; http, https or file.");

    private static readonly Option<string[]?> TargetName = new("--target-name")
    {
        Recursive = true, Description = "A target to download; may be given more than once.",
    };

    private static readonly Option<DirectoryInfo?> TargetDir = new("--target-dir")
    {
        Recursive = true, Description = "Where targets go; a slash in a target's path becomes %2F in its file's name.",
    };

    private static readonly Option<Uri?> TargetBaseUrl = Url("--target-base-url", "Where the repository's targets are; http, https or file.");

    private static readonly Argument<FileInfo> TrustedRoot = new("root") { Description = "The root to begin with, like root.json." };

    public static Command Build()
    {
        var init = new Command("init", "Begins to trust a repository.") { TrustedRoot };
        init.SetAction(args => Refusable(() =>
        {
            Store(args).Init(File.ReadAllBytes(args.GetRequiredValue(TrustedRoot).FullName));
            return Task.CompletedTask;
        }));
        var refresh = new Command("refresh", "Brings the metadata up to date.");
        refresh.SetAction((args, ct) => Refusable(async () =>
        {
            using var http = Http();
            await Client(args, http).RefreshAsync(ct);
        }));
        var download = new Command("download", "Brings the metadata up to date and downloads targets.");
        download.SetAction((args, ct) => Refusable(() => DownloadAsync(args, ct)));
        return new Command("tuf", "The update client of the TUF specification.")
        {
            MetadataDir, MetadataUrl, TargetName, TargetDir, TargetBaseUrl, init, refresh, download,
        };
    }

    private static async Task DownloadAsync(ParseResult args, CancellationToken ct)
    {
        using var http = Http();
        var client = Client(args, http);
        await client.RefreshAsync(ct);
        var targets = Fetcher(Required(args, TargetBaseUrl), http);
        var folder = Required(args, TargetDir);
        foreach (var path in Required(args, TargetName))
        {
            var target = await client.FindAsync(path, ct);
            var file = Path.Join(folder.FullName, Uri.EscapeDataString(path));
            var fetched = await client.DownloadAsync(target, targets, file, ct);
            Console.WriteLine($"{target.Digests.First}  {file}{(fetched ? "" : "  (was there)")}");
        }
    }

    private static TufClient Client(ParseResult args, HttpClient http)
        => new(Store(args), Fetcher(Required(args, MetadataUrl), http), TimeProvider.System);

    private static MetadataFolder Store(ParseResult args) => new(args.GetRequiredValue(MetadataDir).FullName);

    private static IFetcher Fetcher(Uri url, HttpClient http)
        => url.IsFile ? new FolderFetcher(url.LocalPath) : new HttpFetcher(http, url, TimeProvider.System);

    private static HttpClient Http()
        => new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout.InfiniteTimeSpan };

    private static Option<Uri?> Url(string name, string description) => new(name)
    {
        Recursive = true,
        Description = description,
        CustomParser = given =>
        {
            if (Uri.TryCreate(given.Tokens[0].Value, UriKind.Absolute, out var url)
                && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps || url.IsFile)) return url;
            given.AddError($"{given.Tokens[0].Value} is not a URL with http, https or file.");
            return null;
        },
    };

    private static T Required<T>(ParseResult args, Option<T?> option) where T : class
        => args.GetValue(option) ?? throw new UserException($"{option.Name} is missing.", "See: mithi-release tuf --help");

    // A refusal is an answer and not a mistake of the user: it is one line, with the fault's stable name.
    private static async Task<int> Refusable(Func<Task> command)
    {
        try
        {
            await command();
            return ExitCode.Done;
        }
        catch (TrustException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Failed;
        }
    }
}
