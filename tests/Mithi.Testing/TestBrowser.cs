using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Mithi.Kernel.People;

namespace Mithi.Testing;

/// <summary>A browser without scripts: keeps cookies, sends forms with their forgery token, follows no redirect by itself.</summary>
public sealed partial class TestBrowser : IDisposable
{
    private readonly CookieContainer cookies = new();
    private readonly HttpClient http;
    private readonly Uri url;

    /// <param name="url">A node, in this process or in another.</param>
    public TestBrowser(Uri url)
    {
        this.url = url;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies };
        // The house's own certificate is made for its test; nobody else vouches for it.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning disable RS0030 // the browser owns its one client
        http = new HttpClient(handler) { BaseAddress = url };
#pragma warning restore RS0030
    }

    /// <summary>For requests that no form makes: headers, bodies, methods.</summary>
    public HttpClient Http => http;

    /// <summary>Adds an API token to every request.</summary>
    public TestBrowser WithToken(string token)
    {
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return this;
    }

    public void SetCookie(string name, string value) => cookies.Add(new Cookie(name, value, "/", url.Host));

    /// <summary>Null when it has none of that name.</summary>
    public string? Cookie(string name) => cookies.GetCookies(url)[name]?.Value;

    public Task<HttpResponseMessage> GetAsync(string path) => http.GetAsync(path);

    /// <summary>The page's HTML; fails unless it is a success.</summary>
    public async Task<string> PageAsync(string path)
    {
        using var response = await GetAsync(path);
        var html = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? html : throw new InvalidOperationException($"GET {path}: {(int)response.StatusCode}\n{html}");
    }

    /// <summary>Sends a form to <paramref name="path"/> with the forgery token of the page <paramref name="from"/> (default: the start page).</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, IReadOnlyDictionary<string, string>? fields = null, string? from = null)
    {
        var form = new Dictionary<string, string>(fields ?? new Dictionary<string, string>());
        form.TryAdd("_forgery", await ForgeryAsync(from ?? "/"));
        using var content = new FormUrlEncodedContent(form);
        return await http.PostAsync(path, content);
    }

    /// <summary>Fills in a form that is really on <paramref name="page"/> and sends it; what is not typed stays as it is shown.</summary>
    /// <param name="page">The form's page.</param>
    /// <param name="typed">Field and value; they tell which form is meant.</param>
    /// <param name="action">Where the form is sent, when several have these fields.</param>
    /// <exception cref="InvalidOperationException">The page has no such form, no such field, or no such choice.</exception>
    public async Task<HttpResponseMessage> SubmitAsync(string page, IReadOnlyDictionary<string, string> typed, string? action = null)
    {
        var form = TestForm.Find(await PageAsync(page), page, typed, action);
        using var content = new FormUrlEncodedContent(form.Fill(typed));
        return await http.PostAsync(form.Action, content);
    }

    /// <summary>Follows a page's live feed, as its script does, until the page holds what is expected; answers the page.</summary>
    /// <exception cref="TimeoutException">It did not within the time; the page is in the message.</exception>
    public async Task<string> FollowAsync(string page, string feed, Regex expected, TimeSpan within, CancellationToken ct)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bound.CancelAfter(within);
        var html = "";
        try
        {
            while (true)
            {
                await using var stream = await http.GetStreamAsync(feed, bound.Token);
                using var lines = new StreamReader(stream);
                do
                {
                    html = await PageAsync(page);
                    if (expected.IsMatch(html)) return html;
                }
                while (await NextEventAsync(lines, bound.Token));
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"{page} did not show \"{expected}\" within {within}:\n{html}");
        }
    }

    /// <summary>The forgery token that the page's forms carry.</summary>
    public async Task<string> ForgeryAsync(string page)
    {
        using var response = await GetAsync(page);
        var match = Forgery().Match(await response.Content.ReadAsStringAsync());
        return match.Success ? WebUtility.HtmlDecode(match.Groups[1].Value)
            : throw new InvalidOperationException($"{page} ({(int)response.StatusCode}) has no form with a forgery token.");
    }

    public void Dispose() => http.Dispose();

    internal async Task<TestBrowser> SignInAsAsync(TestAppliance house, PersonId person)
    {
        var session = await house.Get<SessionStore>().StartAsync(person, "test", "127.0.0.1", house.Now, CancellationToken.None);
        SetCookie(url.Scheme == "https" ? "__Host-mithi" : "mithi", session.Secret);
        return this;
    }

    // An event ends with an empty line. False when the feed has ended: it is asked for again.
    private static async Task<bool> NextEventAsync(StreamReader lines, CancellationToken ct)
    {
        string? line;
        do line = await lines.ReadLineAsync(ct);
        while (line is { Length: > 0 });
        return line is not null;
    }

    [GeneratedRegex("name=\"_forgery\" value=\"([^\"]+)\"")]
    private static partial Regex Forgery();
}
