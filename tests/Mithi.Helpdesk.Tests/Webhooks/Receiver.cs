using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mithi.Helpdesk.Tests.Webhooks;

/// <summary>A program of somebody else's on a free port of the loopback, which writes down what it is told.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Call> calls = new();

    private Receiver(WebApplication app) => this.app = app;

    /// <summary>What it answers with, by what it is told.</summary>
    public Func<Call, int> Answer { get; set; } = _ => 204;

    public string Location { get; set; } = "";

    public string Url => app.Urls.First();

    public IReadOnlyList<Call> Calls => [.. calls];

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var call = new Call(await reader.ReadToEndAsync(), context.Request.Headers["Mithi-Event"].ToString(), context.Request.Headers["Mithi-Delivery"].ToString(),
            context.Request.Headers["Mithi-Signature"].ToString());
        calls.Enqueue(call);
        context.Response.StatusCode = Answer(call);
        if (Location.Length > 0) context.Response.Headers.Location = Location;
        if (context.Response.StatusCode >= 400) await context.Response.WriteAsync("<b>Out\u0007 of order</b>");
    }

    internal sealed record Call(string Body, string Event, string Id, string Signature)
    {
        public JsonElement Json => JsonDocument.Parse(Body).RootElement;

        /// <summary>As the manual tells a receiver to check it.</summary>
        public bool IsSignedWith(string secret)
        {
            var parts = Signature.Split(',');
            var time = parts[0]["t=".Length..];
            var mac = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{Body}")));
            return parts.Skip(1).Contains($"v1={mac}");
        }
    }
}
