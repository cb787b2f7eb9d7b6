using System.Text.Json;
using Mithi.Trust.Repository;

namespace Mithi.Downloads.Publishing;

/// <summary>The body of a publication: <c>{"metadata": {"root": [base64...], "targets": base64, ...}, "channel": "stable"}</c>.</summary>
internal sealed record PublicationForm(Proposal Proposal, string Channel)
{
    /// <summary>Null for anything else.</summary>
    public static async Task<PublicationForm?> ReadAsync(Stream body, CancellationToken ct)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(body, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false }, ct);
            var roots = new List<byte[]>();
            var roles = new Dictionary<string, byte[]>();
            foreach (var entry in json.RootElement.GetProperty("metadata").EnumerateObject())
            {
                if (entry.Name == "root") roots.AddRange(entry.Value.EnumerateArray().Select(root => root.GetBytesFromBase64()));
                else roles.Add(entry.Name, entry.Value.GetBytesFromBase64());
            }
            var channel = json.RootElement.TryGetProperty("channel", out var given) ? given.GetString() : "stable";
            return IsChannel(channel) ? new(new(roots, roles), channel!) : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static bool IsChannel(string? text)
        => text is { Length: > 0 and <= Limits.ChannelCharsMax } && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
