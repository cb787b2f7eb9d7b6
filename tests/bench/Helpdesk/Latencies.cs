using System.Diagnostics;

namespace Mithi.Bench.Helpdesk;

/// <summary>How long pages take for people who ask one after another, a few at once.</summary>
internal sealed class Latencies(HttpClient http, int atOnce)
{
    /// <summary>Asks for each path once, with its cookie; the first few do not count. Answers milliseconds.</summary>
    /// <exception cref="InvalidOperationException">A page was refused: the figure would be of something else.</exception>
    public async Task<double[]> OfAsync(IReadOnlyList<(string Path, string Cookie)> asked, int warm)
    {
        foreach (var (path, cookie) in asked.Take(warm)) await OneAsync(path, cookie);
        var next = warm - 1;
        var took = new double[asked.Count - warm];
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < asked.Count;) took[i - warm] = await OneAsync(asked[i].Path, asked[i].Cookie);
        }));
        Array.Sort(took);
        return took;
    }

    public static double At(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

    private async Task<double> OneAsync(string path, string cookie)
    {
        var clock = Stopwatch.StartNew();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", cookie);
        using var answer = await http.SendAsync(request);
        await answer.Content.ReadAsByteArrayAsync();
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode}.");
        return clock.Elapsed.TotalMilliseconds;
    }
}
