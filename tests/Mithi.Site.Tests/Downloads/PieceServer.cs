using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mithi.Site.Tests.Downloads;

/// <summary>A real server on loopback that serves one file, and can be as bad as the networks that machines are installed over.</summary>
internal sealed class PieceServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PieceServer(WebApplication app) => _app = app;

    public required byte[] Bytes { get; set; }

    /// <summary>Sends everything whatever range is asked for.</summary>
    public bool KnowsRanges { get; set; } = true;

    /// <summary>Cuts the connection before the byte at this place.</summary>
    public long CutAt { get; set; } = long.MaxValue;

    /// <summary>Says that what it sends begins elsewhere.</summary>
    public long LiesBy { get; set; }

    /// <summary>The first bytes that were asked for, in order.</summary>
    public ConcurrentQueue<long> Asked { get; } = new();

    public Uri Url => new(_app.Urls.Single() + "/file");

    public static async Task<PieceServer> StartAsync(byte[] bytes)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new PieceServer(app) { Bytes = bytes };
        app.MapGet("/file", server.SendAsync);
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task SendAsync(HttpContext http)
    {
        var range = http.Request.GetTypedHeaders().Range!.Ranges.Single();
        var (from, to) = (range.From!.Value, Math.Min(range.To!.Value, Bytes.Length - 1));
        Asked.Enqueue(from);
        if (!KnowsRanges) (from, to) = (0, Bytes.Length - 1);
        else
        {
            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange = $"bytes {from + LiesBy}-{to + LiesBy}/{Bytes.Length}";
        }
        var end = Math.Min(to + 1, CutAt);
        if (end > from) await http.Response.Body.WriteAsync(Bytes.AsMemory((int)from, (int)(end - from)));
        if (end <= to)
        {
            await http.Response.Body.FlushAsync();
            http.Abort();
        }
    }
}
