using System.Security.Cryptography;
using Mithi.Cli;

namespace Mithi.Helpdesk.Mail;

/// <summary><c>mithi mail-in</c>: takes one raw mail from a pipe, such as a mail server's own, into the spool of a data folder.</summary>
/// <remarks>
/// The node may be running: the spool is a folder of files, and the node looks into it. When this returns, the mail is on the
/// disk; an exception means that the mail server has to keep it and try again.
/// </remarks>
public static class MailIn
{
    /// <summary>The mailbox's name in the list of what came in.</summary>
    public const string Mailbox = "pipe";

    /// <param name="spoolFolder">The data folder's <c>spool</c>.</param>
    /// <param name="raw">Read to its end.</param>
    /// <returns>The mail's SHA-256.</returns>
    /// <exception cref="UserException">Empty, or longer than a mail can be.</exception>
    public static async Task<string> PutAsync(string spoolFolder, Stream raw, CancellationToken ct)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[64 << 10];
        for (int read; (read = await raw.ReadAsync(buffer, ct)) > 0;)
        {
            if (memory.Length + read > Limits.MailBytesMax)
                throw new UserException($"The mail is longer than {Limits.MailBytesMax >> 20} MB.", "Let the mail server refuse such mails.");
            memory.Write(buffer, 0, read);
        }
        if (memory.Length == 0) throw new UserException("No mail came in.", "Pipe one raw mail into this command.");
        var bytes = memory.GetBuffer().AsSpan(0, (int)memory.Length);
        var name = Convert.ToHexStringLower(SHA256.HashData(bytes));
        MailSpool.Put(spoolFolder, new(Mailbox, 0, name), bytes);
        return name;
    }
}
