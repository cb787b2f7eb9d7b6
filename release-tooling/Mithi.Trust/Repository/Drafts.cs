using System.Text.Encodings.Web;
using System.Text.Json;
using Mithi.Trust.Keys;
using Mithi.Trust.Metadata;

namespace Mithi.Trust.Repository;

/// <summary>The keys and the threshold of a role, in a draft.</summary>
public sealed record RoleKeys(int Threshold, IReadOnlyList<PublicKey> Keys)
{
    /// <summary>As an existing role has them.</summary>
    public static RoleKeys Of(Role role) => new(role.Threshold, [.. role.Keys.Values]);

    /// <summary>Whether the same keys sign with the same threshold.</summary>
    public bool SameAs(RoleKeys other)
        => Threshold == other.Threshold && Keys.Select(k => k.Identity).ToHashSet().SetEquals(other.Keys.Select(k => k.Identity));

    /// <summary>With keys taken out and put in, each once.</summary>
    public RoleKeys With(IEnumerable<PublicKey> added, IReadOnlySet<string> removedIds, int? threshold)
        => new(threshold ?? Threshold, [.. Keys.Where(k => !removedIds.Contains(k.Id)).Concat(added).DistinctBy(k => k.Identity)]);
}

/// <summary>A root before it is signed.</summary>
/// <param name="Version">At least 1.</param>
/// <param name="Expires">The first second of which it is refused.</param>
/// <param name="Roles">The four top-level roles.</param>
public sealed record RootDraft(long Version, DateTimeOffset Expires, IReadOnlyDictionary<string, RoleKeys> Roles)
{
    /// <summary>The unsigned file.</summary>
    public byte[] ToBytes() => Draft.Write(RoleNames.Root, Version, Expires, json =>
    {
        json.WriteBoolean("consistent_snapshot", true);
        Draft.WriteKeys(json, Roles.Values);
        json.WriteStartObject("roles");
        foreach (var (name, role) in Roles)
        {
            json.WriteStartObject(name);
            Draft.WriteRole(json, role);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    });
}

/// <summary>Targets metadata before it is signed; a product's has no delegations.</summary>
/// <param name="Version">At least 1.</param>
/// <param name="Expires">The first second of which it is refused.</param>
/// <param name="Targets">By path.</param>
/// <param name="Products">The delegated roles: each is trusted for its own folder, and ends the search there.</param>
public sealed record TargetsDraft(
    long Version, DateTimeOffset Expires, IReadOnlyDictionary<string, Target> Targets, IReadOnlyDictionary<string, RoleKeys> Products)
{
    /// <summary>What a product's role may name: its archives, one folder a version.</summary>
    public static string PatternOf(string product) => $"{product}/*/*";

    /// <summary>As an existing file has it.</summary>
    public static TargetsDraft Of(TargetsFile file) => new(file.Version, file.Expires, file.Targets,
        file.Delegations.ToDictionary(d => d.Role.Name, d => RoleKeys.Of(d.Role)));

    /// <summary>The unsigned file.</summary>
    public byte[] ToBytes() => Draft.Write(RoleNames.Targets, Version, Expires, json =>
    {
        json.WriteStartObject("targets");
        foreach (var target in Targets.Values.OrderBy(t => t.Path, StringComparer.Ordinal)) WriteTarget(json, target);
        json.WriteEndObject();
        if (Products.Count > 0) WriteDelegations(json);
    });

    private static void WriteTarget(Utf8JsonWriter json, Target target)
    {
        json.WriteStartObject(target.Path);
        json.WriteNumber("length", target.Length);
        Draft.WriteDigests(json, target.Digests);
        if (target.Custom is not null)
        {
            json.WritePropertyName("custom");
            json.WriteRawValue(target.Custom);
        }
        json.WriteEndObject();
    }

    private void WriteDelegations(Utf8JsonWriter json)
    {
        json.WriteStartObject("delegations");
        Draft.WriteKeys(json, Products.Values);
        json.WriteStartArray("roles");
        foreach (var (name, role) in Products.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            Draft.WriteRole(json, role);
            json.WriteBoolean("terminating", true);
            json.WriteStartArray("paths");
            json.WriteStringValue(PatternOf(name));
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>A snapshot or a timestamp before it is signed: both are a list of files.</summary>
internal sealed record MetaDraft(
    string Type, long Version, DateTimeOffset Expires, IEnumerable<KeyValuePair<string, MetaFile>> Meta)
{
    public byte[] ToBytes() => Draft.Write(Type, Version, Expires, json =>
    {
        json.WriteStartObject("meta");
        foreach (var (name, meta) in Meta.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(name);
            json.WriteNumber("version", meta.Version);
            if (meta.Length is { } length) json.WriteNumber("length", length);
            if (meta.Digests is { } digests) Draft.WriteDigests(json, digests);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    });

    public static MetaFile Of(SignedFile file) => new(file.Version, file.Bytes.Length, FileDigests.Of(file.Bytes.Span));
}

/// <summary>What all drafts have in common.</summary>
internal static class Draft
{
    public const string SpecificationVersion = "1.0.34";

    // Metadata is never part of a page, so only what JSON itself needs is escaped.
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(string type, long version, DateTimeOffset expires, Action<Utf8JsonWriter> body)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteStartArray("signatures");
            json.WriteEndArray();
            json.WriteStartObject("signed");
            json.WriteString("_type", type);
            json.WriteString("spec_version", SpecificationVersion);
            json.WriteNumber("version", version);
            json.WriteString("expires", expires.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
            body(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return output.ToArray();
    }

    public static void WriteKeys(Utf8JsonWriter json, IEnumerable<RoleKeys> roles)
    {
        json.WriteStartObject("keys");
        foreach (var key in roles.SelectMany(r => r.Keys).DistinctBy(k => k.Id).OrderBy(k => k.Id, StringComparer.Ordinal))
        {
            json.WritePropertyName(key.Id);
            json.WriteRawValue(key.Json);
        }
        json.WriteEndObject();
    }

    public static void WriteRole(Utf8JsonWriter json, RoleKeys role)
    {
        json.WriteStartArray("keyids");
        foreach (var key in role.Keys) json.WriteStringValue(key.Id);
        json.WriteEndArray();
        json.WriteNumber("threshold", role.Threshold);
    }

    public static void WriteDigests(Utf8JsonWriter json, FileDigests digests)
    {
        json.WriteStartObject("hashes");
        foreach (var (name, value) in digests.All) json.WriteString(name, value);
        json.WriteEndObject();
    }
}
