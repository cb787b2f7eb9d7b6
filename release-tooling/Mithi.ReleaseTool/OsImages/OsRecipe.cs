using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.ReleaseTool.OsImages;

/// <summary>A recipe's <c>recipe.json</c>: what the image is called, and the time of every file in it.</summary>
/// <param name="Product">The product's id, like <c>mithi-os</c>.</param>
/// <param name="Version">Like <c>1.0.0</c>.</param>
/// <param name="Platform">Like <c>linux-x64</c>.</param>
/// <param name="Stamp">Unix seconds.</param>
/// <param name="Notes">Release notes, Markdown.</param>
internal sealed record OsRecipe(string Product, string Version, string Platform, long Stamp, string Notes = "")
{
    private const string FileName = "recipe.json";

    /// <summary>Reads a recipe folder. <c>SOURCE_DATE_EPOCH</c> wins over the recipe's stamp, as everywhere.</summary>
    public static OsRecipe Read(DirectoryInfo folder)
    {
        var path = Path.Join(folder.FullName, FileName);
        if (!File.Exists(path))
            throw new UserException($"{path} is not there.", "Name the recipe's folder, like release-tooling/products/os-image.");
        OsRecipe recipe;
        try
        {
            recipe = JsonSerializer.Deserialize(File.ReadAllBytes(path), OsRecipeJson.Default.OsRecipe)
                ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new UserException($"{path} can't be read: {e.Message}", "It has product, version, platform, stamp and notes.", e);
        }
        return Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH") is { Length: > 0 } text
            ? long.TryParse(text, out var stamp)
                ? recipe with { Stamp = stamp }
                : throw new UserException($"SOURCE_DATE_EPOCH is {text}.", "Give unix seconds, or leave it unset.")
            : recipe;
    }

    /// <summary>The manifest of an archive made of <paramref name="entries"/>.</summary>
    public Manifest ManifestOf(IReadOnlyList<ManifestEntry> entries) => new()
    {
        Product = Product,
        Version = Parsed,
        Platform = Platform,
        Kind = ArchiveKind.OsImage,
        Stamp = Stamp,
        Restarts = ["machine"],
        Notes = Notes,
        Entries = entries,
    };

    /// <summary>The archive's file name.</summary>
    public ArchiveName Name => new(Product, Parsed, Platform, ArchiveKind.OsImage);

    private ReleaseVersion Parsed => ReleaseVersion.TryParse(Version)
        ?? throw new UserException($"\"{Version}\" is not a version.", "The recipe's version is like 1.0.0.");

    /// <summary>SHA-256 over everything that decides the image: every file of the recipe, the packages, the stamp.</summary>
    /// <param name="folder">The recipe's folder.</param>
    /// <param name="packages">What would be installed, a line each with its version.</param>
    public string InputHash(DirectoryInfo folder, string packages)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Stamp}\n{packages}\n"));
        foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            var path = Path.GetRelativePath(folder.FullName, file.FullName);
            var executable = file.UnixFileMode.HasFlag(UnixFileMode.UserExecute);
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\n{executable}\n{TreeScan.Sha256(file.FullName)}\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(OsRecipe))]
internal sealed partial class OsRecipeJson : JsonSerializerContext;
