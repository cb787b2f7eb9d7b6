using System.Buffers.Text;
using System.Text;
using Mithi.Kernel.Data;

namespace Mithi.Helpdesk.Mail;

/// <summary>Raw mails between the wire and the database: on the disk from the moment that they are answered for.</summary>
/// <remarks>
/// <c>spool/mail/&lt;mailbox, base64url&gt;.&lt;uidvalidity&gt;.&lt;uid&gt;.eml</c>. A kill at any point leaves either the file, which is
/// read again, or what was made of it; the database knows a source that it has seen.
/// </remarks>
internal sealed class MailSpool
{
    private readonly string root;
    private readonly DataFolder folder;

    public MailSpool(DataFolder folder)
    {
        this.folder = folder;
        root = Root(folder.Spool);
        Directory.CreateDirectory(root);
    }

    /// <summary>Tells when a mail appears, also from another process. The caller disposes it.</summary>
    public FileSystemWatcher Watch(Action appeared)
    {
        // A mail gets its name when it is whole: that is a rename, and nothing else makes one here.
        var watcher = new FileSystemWatcher(root, "*.eml");
        watcher.Renamed += (_, _) => appeared();
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    /// <summary>Keeps the bytes; when this returns a power cut does not lose them.</summary>
    public void Put(MailSource source, ReadOnlySpan<byte> raw) => Put(folder.Spool, source, raw);

    /// <summary>The same from another process, which has not opened the data folder.</summary>
    public static void Put(string spool, MailSource source, ReadOnlySpan<byte> raw)
    {
        Directory.CreateDirectory(Root(spool));
        DurableFile.Write(Path.Join(Root(spool), NameOf(source)), raw, secret: true);
    }

    /// <summary>What waits, oldest first.</summary>
    public IReadOnlyList<MailSource> Waiting()
        => [.. new DirectoryInfo(root).EnumerateFiles("*.eml").OrderBy(f => f.LastWriteTimeUtc).ThenBy(f => f.Name.Length).ThenBy(f => f.Name)
            .Select(f => SourceOf(f.Name)).OfType<MailSource>()];

    public FileStream Open(MailSource source) => File.OpenRead(PathOf(source));

    public void Remove(MailSource source) => File.Delete(PathOf(source));

    private static string Root(string spool) => Path.Join(spool, "mail");

    private string PathOf(MailSource source) => Path.Join(root, NameOf(source));

    private static string NameOf(MailSource source)
        => $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(source.Mailbox))}.{source.UidValidity}.{source.Uid}.eml";

    private static MailSource? SourceOf(string name)
    {
        if (name.Split('.') is not [var mailbox, var validity, var uid, "eml"] || !long.TryParse(validity, out var number)) return null;
        try
        {
            return new(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(mailbox)), number, uid);
        }
        catch (FormatException)
        {
            return null;   // not one of ours
        }
    }
}
