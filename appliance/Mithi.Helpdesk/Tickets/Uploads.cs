using System.Text;
using Microsoft.AspNetCore.Http;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Tickets;

/// <summary>Files that came with a form: kept as blobs, called by what their content is.</summary>
internal static class Uploads
{
    private const int HeadBytes = 512;

    /// <summary>Keeps the files of a form; what is wrong with one is an error at the field "files", and nothing is kept.</summary>
    public static async Task<IReadOnlyList<TicketFile>> ReadAsync(IFormFileCollection sent, BlobStore blobs, FormErrors errors, CancellationToken ct)
    {
        // A browser sends an empty part for a field without a file.
        var files = sent.Where(f => f.Length > 0 || f.FileName.Length > 0).ToArray();
        if (files.Length > Limits.AttachmentsMax) errors.Add("files", "At most 10 files at once.");
        if (files.Sum(f => f.Length) > Limits.AttachmentBytesMax) errors.Add("files", "The files are too large: at most 25 MB together.");
        if (errors.Any) return [];
        var kept = new List<TicketFile>();
        foreach (var file in files)
        {
            await using var content = file.OpenReadStream();
            kept.Add(await KeepAsync(content, file.FileName, blobs, Limits.AttachmentBytesMax, ct));
        }
        return kept;
    }

    /// <summary>Keeps one file.</summary>
    /// <param name="content">Seekable.</param>
    /// <exception cref="BlobException">Longer than <paramref name="bytesMax"/>.</exception>
    public static async Task<TicketFile> KeepAsync(Stream content, string name, BlobStore blobs, long bytesMax, CancellationToken ct)
    {
        var head = new byte[HeadBytes];
        var read = await content.ReadAtLeastAsync(head, HeadBytes, throwOnEndOfStream: false, ct);
        content.Position = 0;
        var blob = await blobs.PutAsync(content, bytesMax, ct);
        return new(blob.Id, Name(name), TypeOf(head.AsSpan(0, read)), blob.Bytes);
    }

    /// <summary>The last part of what the sender called it, without what no file's name needs.</summary>
    public static string Name(string sent)
    {
        var last = sent[(sent.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = new string([.. last.Where(c => !char.IsControl(c) && c is not ('"' or '<' or '>' or '\u202E'))]).Trim().TrimStart('.');
        if (clean.Length > Limits.AttachmentNameCharsMax)
        {
            var extension = Path.GetExtension(clean) is { Length: <= 12 } e ? e : "";
            clean = clean[..(Limits.AttachmentNameCharsMax - extension.Length)] + extension;
        }
        // Half of a surrogate pair, from the cut or from broken input, can't be stored.
        return clean.Length == 0 ? "file" : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(clean));
    }

    /// <summary>By the first bytes: what a sender says of a file is no promise.</summary>
    public static string TypeOf(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("%PDF-"u8)) return "application/pdf";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G'])) return "image/png";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return "image/jpeg";
        if (head.StartsWith("GIF8"u8)) return "image/gif";
        if (head.StartsWith("PK\x03\x04"u8)) return "application/zip";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) return "application/gzip";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])) return "application/zstd";
        return head.Length > 0 && IsText(head) ? "text/plain" : "application/octet-stream";
    }

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (var b in head) if (b < 0x20 && b is not ((byte)'\n' or (byte)'\r' or (byte)'\t' or 0x1B)) return false;
        // The head may end in the middle of a character.
        for (var cut = 0; cut < 4 && cut < head.Length; cut++)
            if (System.Text.Unicode.Utf8.IsValid(head[..^cut])) return true;
        return false;
    }
}
