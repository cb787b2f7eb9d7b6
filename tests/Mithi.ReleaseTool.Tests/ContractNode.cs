using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mithi.ReleaseTool.Tests;

/// <summary>The publish API as the manual describes it, over real HTTP, that can be told to fail. The story tests use the real node.</summary>
internal sealed class ContractNode : IAsyncDisposable
{
    public const string Token = "mithi_test-token";

    private readonly WebApplication _app;

    private ContractNode(WebApplication app) => _app = app;

    public Dictionary<string, byte[]> Blobs { get; } = [];

    public List<string> Calls { get; } = [];

    public List<JsonDocument> Published { get; } = [];

    /// <summary>Asked before every call; a status is answered instead of doing it.</summary>
    public Func<HttpRequest, (int Status, string Body)?> Fail { get; set; } = _ => null;

    public string Url => _app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<ContractNode> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null) listen.UseHttps(certificate);
        }));
        var node = new ContractNode(builder.Build());
        node._app.Run(node.AnswerAsync);
        await node._app.StartAsync();
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (var document in Published) document.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        lock (Calls) Calls.Add($"{request.Method} {request.Path}");
        if (Fail(request) is { } failure)
        {
            response.StatusCode = failure.Status;
            await response.WriteAsync(failure.Body);
            return;
        }
        if (request.Headers.Authorization != $"Bearer {Token}")
        {
            response.StatusCode = 401;
            return;
        }
        var digest = request.Path.Value!.Split('/')[^1];
        switch (request.Method, request.Path.Value.Split('/')[^2])
        {
            case ("HEAD", "blobs"):
                response.StatusCode = Blobs.ContainsKey(digest) ? 200 : 404;
                break;
            case ("PUT", "blobs"):
                using (var body = new MemoryStream())
                {
                    await request.Body.CopyToAsync(body);
                    var sent = body.ToArray();
                    response.StatusCode = Convert.ToHexStringLower(SHA256.HashData(sent)) == digest ? 201 : 409;
                    if (response.StatusCode == 201) Blobs[digest] = sent;
                }
                break;
            case ("POST", "releases"):
                Published.Add(await JsonDocument.ParseAsync(request.Body));
                await response.WriteAsync($$"""{ "snapshot": {{Published.Count}} }""");
                break;
            default:
                response.StatusCode = 404;
                break;
        }
    }
}
