using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Mithi.Kernel.Web;

/// <summary>Style sheets, scripts and pictures: embedded, named by their content's hash, kept by browsers for ever.</summary>
/// <remarks>Embedded with the logical name <c>assets/mithi.css</c>; served as <c>/assets/1f2e3d4c5b6a7988/mithi.css</c>.</remarks>
public sealed class Assets
{
    private readonly FrozenDictionary<string, Asset> byName;

    public Assets(IReadOnlyList<Assembly> modules) => byName = modules
        .SelectMany(m => m.GetManifestResourceNames().Where(n => n.StartsWith("assets/", StringComparison.Ordinal)), Read)
        .ToFrozenDictionary(a => a.Name);

    public string Url(string name) => byName[name].Url;

    /// <summary>The middleware: answers what is below /assets and passes everything else on.</summary>
    public async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Path.StartsWithSegments("/assets", out var rest))
        {
            await next(context);
            return;
        }
        var parts = rest.Value!.Split('/');
        if (parts.Length != 3 || !byName.TryGetValue(parts[2], out var asset) || asset.Url != context.Request.Path.Value)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var response = context.Response;
        response.ContentType = asset.ContentType;
        response.Headers.CacheControl = "public, max-age=31536000, immutable";
        response.Headers.Vary = "Accept-Encoding";
        var brotli = asset.Brotli is not null && context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal);
        var body = brotli ? asset.Brotli!.Value : asset.Bytes;
        if (brotli) response.Headers.ContentEncoding = "br";
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static Asset Read(Assembly module, string resource)
    {
        using var stream = module.GetManifestResourceStream(resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var name = resource["assets/".Length..];
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        return new(name, $"/assets/{hash}/{name}", bytes, TypeOf(name));
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".woff2" => "font/woff2",
        var other => throw new InvalidOperationException($"Assets have no content type for {other} ({name})."),
    };

    private sealed record Asset(string Name, string Url, byte[] Bytes, string ContentType)
    {
        private readonly Lazy<ReadOnlyMemory<byte>?> brotli = new(() => IsText(ContentType) ? Compress(Bytes) : null);

        // Made when first asked for: a cold start should not wait for the slowest compression level.
        public ReadOnlyMemory<byte>? Brotli => brotli.Value;

        private static bool IsText(string type) => type.StartsWith("text/", StringComparison.Ordinal) || type.EndsWith("xml", StringComparison.Ordinal);

        private static ReadOnlyMemory<byte>? Compress(byte[] bytes)
        {
            using var target = new MemoryStream();
            using (var brotli = new BrotliStream(target, CompressionLevel.SmallestSize)) brotli.Write(bytes);
            return target.ToArray();
        }
    }
}
