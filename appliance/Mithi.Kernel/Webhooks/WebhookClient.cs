using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Webhooks;

/// <summary>What one attempt came to.</summary>
/// <param name="Status">HTTP; 0 when there was no answer.</param>
internal sealed record WebhookAnswer(int Status, string Text)
{
    public bool IsTaken => Status is >= 200 and < 300;
}

/// <summary>Finds a name's addresses. The machine's own way; a test answers for names of its own.</summary>
public interface IHostAddresses
{
    Task<IPAddress[]> FindAsync(string host, CancellationToken ct);
}

internal sealed class SystemHostAddresses : IHostAddresses
{
    public Task<IPAddress[]> FindAsync(string host, CancellationToken ct) => Dns.GetHostAddressesAsync(host, ct);
}

/// <summary>Calls hooks: no redirects, no proxy, bounded in time and size, and only to addresses that may be called.</summary>
internal sealed class WebhookClient : IDisposable
{
    private static readonly HttpRequestOptionsKey<bool> MayBePrivate = new("private");

    private readonly IHostAddresses addresses;
    private readonly SettingStore settings;
    private readonly TimeProvider time;
    private readonly HttpMessageInvoker http;

    public WebhookClient(IHostAddresses addresses, SettingStore settings, TimeProvider time)
    {
        (this.addresses, this.settings, this.time) = (addresses, settings, time);
        http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseProxy = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = Limits.AnswerHeaderKilobytesMax, ActivityHeadersPropagator = null,
            // A kept connection would be used by another hook of the same host, and outlive a changed setting.
            PooledConnectionLifetime = TimeSpan.Zero, ConnectCallback = ConnectAsync,
        });
    }

    public async Task<WebhookAnswer> PostAsync(DueDelivery due, IReadOnlyList<string> secrets, CancellationToken ct)
    {
        var isPrivateAllowed = WebhookSettings.MayBePrivate(await settings.TextAsync(WebhookSettings.PrivateTargets, ct), due.OrganisationId is null);
        // What was allowed when it was typed may not be any more.
        if (WebhookTarget.Mistake(due.Url, isPrivateAllowed) is { } mistake) return new(0, mistake);
        var body = Encoding.UTF8.GetBytes(due.Body);
        using var request = new HttpRequestMessage(HttpMethod.Post, due.Url) { Content = new ByteArrayContent(body) };
        request.Options.Set(MayBePrivate, isPrivateAllowed);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", $"mithi/{NodeOptions.Version}");
        request.Headers.TryAddWithoutValidation("Mithi-Event", due.Type);
        request.Headers.TryAddWithoutValidation("Mithi-Delivery", due.EventId);
        request.Headers.TryAddWithoutValidation(WebhookSignature.Header, WebhookSignature.Of(body, time.GetCurrentInstant(), secrets));
        using var late = new CancellationTokenSource(Limits.AnswerMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            using var response = await http.SendAsync(request, either.Token);
            return new((int)response.StatusCode, await HeadAsync(response, either.Token));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(0, $"No answer within {Limits.AnswerMax.TotalSeconds:0} seconds.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or AuthenticationException)
        {
            return new(0, Clean(e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message));
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>The name is looked up here and nowhere else: what is checked is what is connected to.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var host = context.DnsEndPoint.Host;
        var mayBePrivate = context.InitialRequestMessage.Options.TryGetValue(MayBePrivate, out var may) && may;
        var found = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await addresses.FindAsync(host, ct);
        var allowed = found.Where(a => WebhookTarget.IsAllowed(a, mayBePrivate)).ToArray();
        if (allowed.Length == 0) throw new HttpRequestException($"{host} has no address that may be called.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<string> HeadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        await using var content = await response.Content.ReadAsStreamAsync(ct);
        var head = new byte[Limits.AnswerBytesMax];
        try
        {
            var read = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, ct);
            return Clean(Encoding.UTF8.GetString(head, 0, read));
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return "";   // The status has been said; the rest is for people only.
        }
    }

    private static string Clean(string text)
    {
        var line = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
        if (line.Length > Limits.AnswerCharsMax) line = line[..Limits.AnswerCharsMax];
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(line));
    }
}
