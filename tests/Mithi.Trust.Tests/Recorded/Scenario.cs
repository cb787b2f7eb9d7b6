using System.Text.Json;

namespace Mithi.Trust.Tests.Recorded;

/// <summary>What a repository served to a client step by step, and what a correct client did.</summary>
internal sealed record Scenario(string Name, JsonElement Asserts, IReadOnlyList<Step> Steps, IReadOnlyDictionary<string, byte[]> Blobs)
{
    public bool Binds(string what) => Asserts.GetProperty(what).GetBoolean();

    public static Scenario Read(string file)
    {
        var json = JsonDocument.Parse(File.ReadAllBytes(Path.Join(Corpora.Tuf, file))).RootElement;
        return new Scenario(
            json.GetProperty("name").GetString()!,
            json.GetProperty("asserts"),
            [.. json.GetProperty("steps").EnumerateArray().Select(s => new Step(s))],
            json.GetProperty("blobs").EnumerateObject().ToDictionary(b => b.Name, b => b.Value.GetBytesFromBase64()));
    }
}

/// <summary>One call of the client.</summary>
internal sealed record Step(JsonElement Json)
{
    public string Op => Text("op");
    public int ExpectedExit => Json.GetProperty("expect_exit").GetInt32();
    public DateTimeOffset Now => Json.GetProperty("now").GetDateTimeOffset();
    public string TrustedRoot => Text("trusted_root");
    public IEnumerable<string> Targets => Json.GetProperty("targets").EnumerateArray().Select(t => t.GetString()!);

    public IReadOnlyDictionary<string, string> Serve
        => Json.GetProperty("serve").EnumerateObject().ToDictionary(s => s.Name, s => s.Value.GetString()!);

    /// <summary>File name, version and SHA-256.</summary>
    public IEnumerable<(string File, int Version, string Sha256)> TrustedAfter
        => Json.GetProperty("trusted_after").EnumerateObject()
            .Select(t => (t.Name, t.Value.GetProperty("version").GetInt32(), t.Value.GetProperty("sha256").GetString()!));

    public IEnumerable<string> MetadataRequests => Json.GetProperty("requests").GetProperty("metadata").EnumerateArray()
        .Select(r => r[1].ValueKind == JsonValueKind.Null ? $"{r[0].GetString()}.json" : $"{r[1].GetInt32()}.{r[0].GetString()}.json");

    public IEnumerable<string> TargetRequests => Json.GetProperty("requests").GetProperty("targets").EnumerateArray()
        .Select(r => Prefixed(r[0].GetString()!, r[1].GetString()));

    /// <summary>Each is one acceptable set of downloaded files, as sorted digests.</summary>
    public IEnumerable<string[]> DownloadedAnyOf
        => Json.TryGetProperty("downloaded_sha256_any_of", out var any)
            ? any.EnumerateArray().Select(Sorted)
            : [Sorted(Json.GetProperty("downloaded_sha256"))];

    private static string[] Sorted(JsonElement digests) => [.. digests.EnumerateArray().Select(d => d.GetString()!).Order()];

    private static string Prefixed(string path, string? digest)
    {
        var slash = path.LastIndexOf('/') + 1;
        return digest is null ? path : path[..slash] + digest + "." + path[slash..];
    }

    private string Text(string name) => Json.GetProperty(name).GetString()!;
}
