using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.ReleaseTool.OsImages;

/// <summary>An image that is there, built now or before.</summary>
/// <param name="Path">The archive in the cache.</param>
/// <param name="InputHash">What decided it.</param>
/// <param name="FromCache">Whether nothing had to be built.</param>
internal sealed record OsImage(string Path, string InputHash, bool FromCache);

/// <summary>Builds the operating system's archive from a recipe, once for the same inputs.</summary>
/// <remarks>The recipe's own <c>build</c> script makes the tree; this class decides whether it must, and packs what it made.</remarks>
internal static class OsImageBuild
{
    /// <summary>Gives the image of a recipe.</summary>
    /// <param name="folder">The recipe.</param>
    /// <param name="cache">Where images of earlier runs are, by their input hash. Images of other inputs are removed from it.</param>
    /// <param name="say">Told every line that the build writes.</param>
    /// <param name="ct">Cancels; nothing half made is left behind.</param>
    public static async Task<OsImage> RunAsync(DirectoryInfo folder, DirectoryInfo cache, Action<string> say, CancellationToken ct)
    {
        var recipe = OsRecipe.Read(folder);
        var script = Path.Join(folder.FullName, "build");
        var packages = await Proc.OutputAsync(script, ["--solve"], new() { Timeout = Limits.SolveMax }, ct);
        var key = recipe.InputHash(folder, packages);
        var shelf = Path.Join(cache.FullName, "os-image");
        var place = Path.Join(shelf, key);
        var archive = Path.Join(place, recipe.Name.ToString());
        if (File.Exists(archive)) return new(archive, key, FromCache: true);

        if (!Environment.IsPrivilegedProcess)
            throw new UserException("Building an image needs root: it makes device nodes and runs programs in the new tree.", "Run it with sudo.");
        var work = Directory.CreateDirectory(Path.Join(shelf, $"{key}.{Environment.ProcessId}.work"));
        try
        {
            var options = new ProcOptions
            {
                Environment = new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = $"{recipe.Stamp}" },
                Timeout = Limits.OsImageBuildMax,
                OnLine = say,
            };
            var tree = Path.Join(work.FullName, "tree");
            (await Proc.RunAsync(script, [tree], options, ct)).Require();
            var entries = TreeScan.Read(tree, ct: ct);
            var packed = ArchiveWriter.WriteFile(recipe.ManifestOf(entries), tree, work.FullName, ct: ct);
            Directory.CreateDirectory(place);
            File.Move(packed.Path, archive, overwrite: true);
        }
        finally
        {
            work.Delete(recursive: true);
        }
        RemoveOthers(shelf, key);
        return new(archive, key, FromCache: false);
    }

    // An image of older packages is never asked for again, and each is some 60 MB.
    private static void RemoveOthers(string shelf, string key)
    {
        foreach (var other in new DirectoryInfo(shelf).EnumerateDirectories())
        {
            if (other.Name != key && !other.Name.EndsWith(".work", StringComparison.Ordinal)) other.Delete(recursive: true);
        }
    }
}
