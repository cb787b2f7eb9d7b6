using System.Net.Http.Json;
using System.Text.Json;
using Mithi.Cli;
using Mithi.Testing;

namespace Mithi.Bench;

/// <summary>A ticket as they are: a question and a few answers.</summary>
internal static class TicketPages
{
    public const int Replies = 5;

    public static readonly string Words = string.Join(' ', Enumerable.Repeat("Mail to one address comes back since yesterday evening.", 6));

    public static async Task<string> MakeAsync(PublishedNode node, string token)
    {
        using var made = await PostAsync(node, token, "/api/tickets", new { subject = "Mail comes back", body = Words });
        var id = made.RootElement.GetProperty("id").ToString();
        for (var i = 0; i < Replies; i++) (await PostAsync(node, token, $"/api/tickets/{id}/replies", new { body = Words })).Dispose();
        return id;
    }

    /// <summary>Both pages show the question and all answers, or the figures would compare different things.</summary>
    public static async Task EnsureAsync(Uri page, params string[] headers)
    {
        var html = await Proc.OutputAsync("curl", ["-s", .. headers.SelectMany(h => new[] { "-H", h }), page.ToString()], new() { DebianPackage = "curl" });
        var times = html.Split(Words).Length - 1;
        if (times <= Replies) throw new InvalidOperationException($"{page} shows {times} of {Replies + 1} texts.");
    }

    private static async Task<JsonDocument> PostAsync(PublishedNode node, string token, string path, object content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(content) };
        request.Headers.Authorization = new("Bearer", token);
        using var response = await node.Http.SendAsync(request);
        return JsonDocument.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
    }
}
