using System.Text.Json;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Fleet.Releases;

/// <summary>A release that was published here.</summary>
/// <param name="Kind"><c>build</c>, <c>service-pack</c>, <c>patch</c>, <c>ptf</c> or <c>os-image</c>.</param>
internal sealed record KnownRelease(string Product, string Version, string Kind);

/// <summary>What was published, as the fleet heard it: the choices in its forms.</summary>
internal sealed class KnownReleases(Db db, TimeProvider time) : IOutboxHandler
{
    /// <inheritdoc/>
    public string Topic => "release.published";

    /// <inheritdoc/>
    public string Name => "fleet.known-releases";

    /// <inheritdoc/>
    public Task HandleAsync(OutboxMessage message, CancellationToken ct)
    {
        string Of(string name) => message.Payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()! : "";
        var (product, version, kind) = (Of("product"), Of("version"), Of("kind"));
        if (product.Length == 0 || version.Length == 0) return Task.CompletedTask;
        return db.WriteAsync(tx => tx.ExecuteAsync("""
            insert into site_release (product, version, kind, published_at) values (@product, @version, @kind, @now)
            on conflict (product, version) do nothing
            """, new { product, version, kind, now = time.GetCurrentInstant() }), ct);
    }

    /// <summary>The newest versions first.</summary>
    public async Task<IReadOnlyList<KnownRelease>> AllAsync(CancellationToken ct)
    {
        var all = await db.ReadAsync(tx => tx.QueryAsync<KnownRelease>("select product, version, kind from site_release"), ct);
        return [.. all.OrderBy(r => r.Product, StringComparer.Ordinal).ThenByDescending(r => ProductVersion.Parse(r.Version))];
    }
}
