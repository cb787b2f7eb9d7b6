using System.Net;

namespace Mithi.Trust.Client;

/// <summary>A repository on a server. The client belongs to the caller: it carries the token and decides whom TLS trusts.</summary>
/// <param name="http">Its own timeout should be infinite; ours are per answer and per silence.</param>
/// <param name="prefix">Like <c>https://node/releases/metadata/</c>; a missing slash at its end is added.</param>
/// <param name="time">The clock behind the two limits.</param>
public sealed class HttpFetcher(HttpClient http, Uri prefix, TimeProvider time) : IFetcher
{
    private readonly string _prefix = prefix.AbsoluteUri.EndsWith('/') ? prefix.AbsoluteUri : prefix.AbsoluteUri + "/";

    /// <inheritdoc/>
    public async Task<Stream?> OpenAsync(string path, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Limits.AnswerMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        HttpResponseMessage? answer = null;
        try
        {
            answer = await http.GetAsync(new Uri(_prefix + path), HttpCompletionOption.ResponseHeadersRead, both.Token);
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                answer.Dispose();
                return null;
            }
            answer.EnsureSuccessStatusCode();
            // Disposing the stream gives the connection back; the answer owns nothing else.
            return await answer.Content.ReadAsStreamAsync(both.Token);
        }
        catch (HttpRequestException e)
        {
            answer?.Dispose();
            throw new TrustException(TrustFault.Unreachable, path, e.Message, e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            answer?.Dispose();
            throw new TrustException(TrustFault.Unreachable, path, "the server did not answer in time", e);
        }
    }
}
