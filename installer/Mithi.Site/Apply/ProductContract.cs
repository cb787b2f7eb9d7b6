using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Mithi.Archive;

namespace Mithi.Site.Apply;

/// <summary>What a product asks of whoever installs it: <c>mithi/product.json</c> in its tree. Without that file: nothing.</summary>
internal sealed partial record ProductContract
{
    public const string FileName = "mithi/product.json";

    /// <summary>Units that are restarted after a switch, in this order.</summary>
    public IReadOnlyList<string> Units { get; init => field = value ?? []; } = [];

    /// <summary>A script in the tree, run after every switch, also when going back; doing it twice does no harm.</summary>
    public string? Install { get; init; }

    /// <summary>A script in the tree that ends with 0 when the product does its work.</summary>
    public string? Health { get; init; }

    /// <summary>How long the product may take to become healthy.</summary>
    public int HealthSeconds { get; init => field = value == 0 ? 60 : value; } = 60;

    /// <summary>Reads a tree's contract; refuses one that names what the manifest does not.</summary>
    public static ProductContract Of(string tree, Manifest manifest)
    {
        if (manifest.Files.FirstOrDefault(file => file.Path == FileName) is not { } entry) return new();
        if (entry.Size > Limits.ContractBytesMax) throw Wrong($"it has {entry.Size} bytes");
        ProductContract contract;
        try
        {
            contract = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Join(tree, FileName)), ContractContext.Default.ProductContract)
                ?? throw Wrong("it is empty");
        }
        catch (JsonException e)
        {
            throw Wrong(e.Message);
        }
        contract.Require(manifest);
        return contract;
    }

    private void Require(Manifest manifest)
    {
        if (Units.Count > Limits.UnitsMax) throw Wrong($"it names more than {Limits.UnitsMax} units");
        foreach (var unit in Units)
        {
            if (unit is null || !UnitName().IsMatch(unit)) throw Wrong($"\"{unit}\" is not a unit's name");
        }
        if (HealthSeconds is < 1 or > Limits.HealthSecondsMax) throw Wrong($"healthSeconds is not within 1 and {Limits.HealthSecondsMax}");
        foreach (var script in new[] { Install, Health }.OfType<string>())
        {
            if (manifest.Files.FirstOrDefault(file => file.Path == script) is not { } file) throw Wrong($"{script} is not a file of the tree");
            if ((file.Mode & 0x40) == 0) throw Wrong($"{script} is not executable");
        }
    }

    private static ArchiveException Wrong(string what)
        => new(ArchiveFault.ManifestInconsistent, $"The product's contract can't be kept: {what}.", FileName);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9@_.:-]{0,200}\.(service|socket|timer|target|path|mount)\z")]
    private static partial Regex UnitName();
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ProductContract))]
internal sealed partial class ContractContext : JsonSerializerContext;
