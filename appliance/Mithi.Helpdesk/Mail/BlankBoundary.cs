using System.Security.Cryptography;
using System.Text;

namespace Mithi.Helpdesk.Mail;

/// <summary>Boundaries that end in blanks, which RFC 2046, section 5.1.1, forbids and some programs write.</summary>
/// <remarks>
/// A parser drops the blanks at the end of a line, since gateways add some there, and then finds no part at all. Such a boundary gets
/// another name, in the head and in its own lines alone: a line that merely begins like it stays text.
/// </remarks>
internal static class BlankBoundary
{
    private const string Parameter = "boundary=\"";

    /// <summary>The boundary that a line of a head names, when it ends in a blank; else null.</summary>
    public static string? In(string line)
    {
        var at = line.IndexOf(Parameter, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        var from = at + Parameter.Length;
        var end = line.IndexOf('"', from);
        return end > from && line[end - 1] is ' ' or '\t' && line[from..end].Trim().Length > 0 ? line[from..end] : null;
    }

    /// <summary>The same mail, with names that every parser reads. A signature over it is no longer right.</summary>
    public static async Task<Stream> RenameAsync(Stream raw, IReadOnlyCollection<string> boundaries, CancellationToken ct)
    {
        using var whole = new MemoryStream();
        await raw.CopyToAsync(whole, ct);
        raw.Position = 0;
        var bytes = whole.GetBuffer().AsMemory(0, (int)whole.Length);
        // Where a gateway has cut the blanks off the lines, the boundary is what is left of it.
        var lines = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var boundary in boundaries)
            lines["--" + (bytes.Span.IndexOf(Encoding.Latin1.GetBytes($"\n--{boundary}")) < 0 ? boundary.TrimEnd() : boundary)] = Name(boundary);
        var renamed = new MemoryStream(bytes.Length);
        for (var rest = bytes; rest.Length > 0;)
        {
            var end = rest.Span.IndexOf((byte)'\n') is var found and >= 0 ? found + 1 : rest.Length;
            var line = rest[..end];
            renamed.Write(line.Length <= Limits.BoundaryLineBytesMax ? Line(line.Span, boundaries, lines) : line.Span);
            rest = rest[end..];
        }
        renamed.Position = 0;
        return renamed;
    }

    private static ReadOnlySpan<byte> Line(ReadOnlySpan<byte> bytes, IReadOnlyCollection<string> boundaries, Dictionary<string, string> lines)
    {
        if (!bytes.StartsWith("--"u8) && !bytes.Contains((byte)'"')) return bytes;
        // Latin-1 holds every byte as the one character that it is.
        var line = Encoding.Latin1.GetString(bytes);
        if (In(line) is { } named && boundaries.Contains(named)) return Encoding.Latin1.GetBytes(line.Replace($"\"{named}\"", $"\"{Name(named)}\"", StringComparison.Ordinal));
        if (!line.StartsWith("--", StringComparison.Ordinal)) return bytes;
        var text = line.TrimEnd('\r', '\n');
        if (lines.GetValueOrDefault(text) is { } name) return Encoding.Latin1.GetBytes($"--{name}{line[text.Length..]}");
        text = text.TrimEnd(' ', '\t');
        return text.EndsWith("--", StringComparison.Ordinal) && lines.GetValueOrDefault(text[..^2]) is { } last
            ? Encoding.Latin1.GetBytes($"--{last}--{line[text.Length..]}") : bytes;
    }

    private static string Name(string boundary) => $"=_{Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(boundary)).AsSpan(0, 16))}";
}
