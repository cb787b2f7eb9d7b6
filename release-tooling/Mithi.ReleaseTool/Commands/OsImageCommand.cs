using System.CommandLine;
using Mithi.Archive;
using Mithi.Cli;
using Mithi.ReleaseTool.OsImages;

namespace Mithi.ReleaseTool.Commands;

/// <summary>mithi-release os-image: a recipe in, the operating system's archive out. wiki-content/reference/os-image.md.</summary>
internal static class OsImageCommand
{
    private static readonly Option<DirectoryInfo> Recipe = new("--recipe")
    {
        Required = true,
        Description = "The recipe's folder, like release-tooling/products/os-image.",
    };

    private static readonly Option<DirectoryInfo> Output = new("--output")
    {
        Required = true,
        Description = "The folder that gets the archive.",
    };

    private static readonly Option<DirectoryInfo?> Cache = new("--cache")
    {
        Description = "Where built images are kept; default MITHI_CACHE, or mithi in the user's cache folder.",
    };

    /// <summary>The command for the program's table.</summary>
    public static Command Build()
    {
        var command = new Command("os-image", "Builds the operating system's archive from Debian packages.") { Recipe, Output, Cache };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult args, CancellationToken ct)
    {
        var recipe = args.GetRequiredValue(Recipe);
        var output = args.GetRequiredValue(Output);
        var image = await OsImageBuild.RunAsync(recipe, args.GetValue(Cache) ?? DefaultCache(), Console.Error.WriteLine, ct);

        output.Create();
        var path = Path.Join(output.FullName, Path.GetFileName(image.Path));
        File.Copy(image.Path, path + ".part", overwrite: true);
        File.Move(path + ".part", path, overwrite: true);
        Console.WriteLine($"{TreeScan.Sha256(path, ct)}  {path}  {new FileInfo(path).Length} bytes{(image.FromCache ? ", from the cache" : "")}");
        return ExitCode.Done;
    }

    private static DirectoryInfo DefaultCache()
        => new(Environment.GetEnvironmentVariable("MITHI_CACHE") is { Length: > 0 } named
            ? named
            : Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "mithi"));
}
