using System.Text;

namespace Mithi.Helpdesk.Import;

/// <summary>Where the mails of an mbox begin and end, in bytes; the line "From ..." is not part of them.</summary>
/// <remarks>A mail begins at the file's start, or after an empty line, with "From ", a sender and a time (RFC 4155, appendix A).</remarks>
internal static class MboxReader
{
    public static IEnumerable<(long From, long To)> Mails(Stream mbox)
    {
        var (start, lineStart, at, isAfterEmpty) = (-1L, 0L, 0L, true);
        var line = new List<byte>(ImportLimits.FromLineBytesMax);
        var buffer = new byte[256 << 10];
        for (int read; (read = mbox.Read(buffer)) > 0;)
        {
            for (var i = 0; i < read; i++, at++)
            {
                if (buffer[i] != '\n')
                {
                    if (line.Count < ImportLimits.FromLineBytesMax) line.Add(buffer[i]);
                    continue;
                }
                if (isAfterEmpty && IsFrom(line))
                {
                    if (start >= 0) yield return (start, lineStart);
                    start = at + 1;
                }
                isAfterEmpty = line.Count == 0 || (line.Count == 1 && line[0] == '\r');
                line.Clear();
                lineStart = at + 1;
            }
        }
        if (start >= 0 && at > start) yield return (start, at);
    }

    /// <summary>A mail's own bytes: lines that were marked because they begin like the line between mails are as they were.</summary>
    public static byte[] Unmark(ReadOnlySpan<byte> mail)
    {
        if (mail.IndexOf(">From "u8) < 0) return mail.ToArray();
        var own = new MemoryStream(mail.Length);
        while (!mail.IsEmpty)
        {
            var end = mail.IndexOf((byte)'\n') is var n && n >= 0 ? n + 1 : mail.Length;
            var line = mail[..end];
            if (line[0] == '>' && line.TrimStart((byte)'>').StartsWith("From "u8)) line = line[1..];
            own.Write(line);
            mail = mail[end..];
        }
        return own.ToArray();
    }

    private static bool IsFrom(List<byte> line)
    {
        if (line.Count < 10 || line[0] != 'F' || line[1] != 'r' || line[2] != 'o' || line[3] != 'm' || line[4] != ' ') return false;
        // A sentence may begin so too; none has a time of day and a year.
        var text = Encoding.Latin1.GetString([.. line]);
        return text.AsSpan().ContainsAnyInRange('0', '9') && text.Contains(':');
    }
}
