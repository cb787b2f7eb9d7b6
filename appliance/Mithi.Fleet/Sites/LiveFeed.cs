using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Mithi.Fleet.Lines;
using Mithi.Fleet.Sites.Pages;
using Mithi.Kernel.People;

namespace Mithi.Fleet.Sites;

/// <summary>What happens at a site while one looks: server-sent events with the page's live part, rendered here.</summary>
internal static class LiveFeed
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static async Task<IResult> SendAsync(long id, CurrentPerson me, SiteView view, SiteSignals signals, TimeProvider time,
        IHostApplicationLifetime lifetime, HttpContext http)
    {
        // After a while the browser asks again, so that an ended session ends its feed too.
        using var life = new CancellationTokenSource(Limits.LiveLifeMax, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping, life.Token);
        var ct = stop.Token;
        using var watch = signals.Open(new(id));
        if (await view.PageAsync(new(id), me, ct) is not { } page) return TypedResults.NotFound();
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        try
        {
            while (page is not null)
            {
                await WriteAsync(page, http, ct);
                if (!watch.MayWait) break;
                await WaitAsync(watch, time, ct);
                page = await view.PageAsync(new(id), me, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The reader has gone, the node stops, or the feed has had its time; his browser comes again by itself.
        }
        return Results.Empty;
    }

    // Waits for a change, but not for ever; and after one a little, so that a burst is one picture.
    private static async Task WaitAsync(SiteSignals.Watch watch, TimeProvider time, CancellationToken ct)
    {
        using var quiet = new CancellationTokenSource(Limits.LiveQuietMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, quiet.Token);
        try
        {
            await watch.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return;
        }
        await Task.Delay(Limits.LiveStep, time, ct);
    }

    private static async Task WriteAsync(SitePage page, HttpContext http, CancellationToken ct)
    {
        await using var html = new StringWriter();
        using (var part = _Live.Create(page))
        {
            part.HttpContext = http;
            part.ServiceProvider = http.RequestServices;
            await part.RenderAsync(html, Encoder, ct);
        }
        var lines = html.ToString().ReplaceLineEndings("\n").Split('\n');
        var text = $"event: state\ndata: {page.Fingerprint}\n\nevent: part\n{string.Concat(lines.Select(l => $"data: {l}\n"))}\n";
        await http.Response.WriteAsync(text, ct);
        await http.Response.Body.FlushAsync(ct);
    }
}
