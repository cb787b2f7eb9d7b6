using System.Text;

namespace Mithi.Helpdesk.Mail;

/// <summary>Looks at the heads in a raw mail before it is parsed: a parser copies a field again for each line that it is folded into.</summary>
/// <remarks>A head is what the mail begins with, what follows a boundary, and what follows the head of a message inside; it ends with an empty line.</remarks>
internal static class MailHead
{
    /// <returns>The boundaries in it that end in blanks.</returns>
    /// <exception cref="FormatException">More of a head is folded than of any mail's.</exception>
    public static async Task<IReadOnlyCollection<string>> CheckAsync(Stream raw, CancellationToken ct)
    {
        var buffer = new byte[64 << 10];
        var scan = new Scan();
        for (int read; (read = await raw.ReadAsync(buffer, ct)) > 0;) scan.Add(buffer.AsSpan(0, read));
        raw.Position = 0;
        return scan.BlankBoundaries;
    }

    private sealed class Scan
    {
        // Enough of a line to know a boundary, an empty line, and the type of a part.
        private readonly byte[] line = new byte[Limits.BoundaryLineBytesMax];
        private int length;
        private int folded;
        private bool inHead = true;
        private bool holdsMessage;

        public HashSet<string> BlankBoundaries { get; } = new(StringComparer.Ordinal);

        public void Add(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                var end = bytes.IndexOf((byte)'\n');
                var part = end < 0 ? bytes : bytes[..end];
                part[..Math.Min(part.Length, line.Length - Math.Min(length, line.Length))].CopyTo(line.AsSpan(Math.Min(length, line.Length)));
                length += part.Length;
                if (inHead && length > 0 && line[0] is (byte)' ' or (byte)'\t' && (folded += part.Length + 1) > Limits.FoldedHeadBytesMax)
                    throw new FormatException($"A head in it has more than {Limits.FoldedHeadBytesMax >> 10} KB of folded lines.");
                if (end < 0) return;
                EndLine(line.AsSpan(0, Math.Min(length, line.Length)).TrimEnd((byte)'\r'));
                length = 0;
                bytes = bytes[(end + 1)..];
            }
        }

        private void EndLine(ReadOnlySpan<byte> text)
        {
            if (inHead && text.Length == 0) (inHead, holdsMessage, folded) = (holdsMessage, false, 0);
            else if (inHead) EndHeadLine(Encoding.Latin1.GetString(text));
            else if (text.StartsWith("--"u8)) (inHead, holdsMessage, folded) = (true, false, 0);
        }

        private void EndHeadLine(string text)
        {
            holdsMessage |= text.Contains("message/", StringComparison.OrdinalIgnoreCase);
            if (BlankBoundaries.Count < Limits.MimeDepthMax && BlankBoundary.In(text) is { } boundary) BlankBoundaries.Add(boundary);
        }
    }
}
