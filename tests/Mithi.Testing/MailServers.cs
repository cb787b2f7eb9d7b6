using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Mithi.Cli;

namespace Mithi.Testing;

/// <summary>A mailbox of <see cref="MailServers"/>.</summary>
/// <param name="Address">Where mail is sent to, and the IMAP and SMTP user name.</param>
/// <param name="Password">For IMAP and for SMTP with authentication.</param>
public sealed record TestMailbox(string Address, string Password);

/// <summary>
/// This machine's real Postfix and Dovecot on free ports of the loopback, out of a temporary folder. Every address of every
/// domain is delivered here and nowhere else: no test can send mail to anybody. A mailbox is made when it is asked for.
/// </summary>
/// <remarks>
/// SMTP takes mail without authentication, and with it; IMAP wants the password. Both offer STARTTLS with a certificate of
/// their own (<see cref="CertificateFile"/>). Mail to <c>name+anything@</c> comes to <c>name@</c>. Mail to an address without a
/// mailbox comes back to its sender. Needs root, like the two servers.
/// </remarks>
public sealed class MailServers : IAsyncDisposable
{
    /// <summary>The domain of a mailbox that is named without one.</summary>
    public const string Domain = "mithi.test";

    // A port is free when it is chosen and may be taken by another when it is used.
    private const int AttemptsMax = 5;

    private static readonly TimeSpan ReadyMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReceiveMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, TestMailbox> _mailboxes = new(StringComparer.OrdinalIgnoreCase);
    private readonly MailServerFiles _files;
    private readonly List<Proc> _running = [];
    private bool _stopped;

    private MailServers(MailServerFiles files) => _files = files;

    /// <summary>Always a loopback address.</summary>
    public string Host => "127.0.0.1";

    /// <summary>Postfix: SMTP, with STARTTLS and AUTH on offer.</summary>
    public int SmtpPort => _files.SmtpPort;

    /// <summary>Dovecot: IMAP4rev1 with IDLE, with STARTTLS on offer.</summary>
    public int ImapPort => _files.ImapPort;

    /// <summary>Dovecot: LMTP, for tests that hand over a mail without a queue in between.</summary>
    public int LmtpPort => _files.LmtpPort;

    /// <summary>The self-signed certificate of both, PEM.</summary>
    public string CertificateFile => _files.Certificate;

    /// <summary>What both servers logged so far: to be shown when a test fails.</summary>
    public string Log => _files.Log();

    /// <summary>Starts both and waits until they answer.</summary>
    /// <exception cref="UserException">A Debian package is missing, or we are not root.</exception>
    public static async Task<MailServers> StartAsync(CancellationToken ct = default)
    {
        Require("/usr/lib/postfix/sbin/master", "postfix");
        Require("/usr/lib/dovecot/imap", "dovecot-imapd");
        Require("/usr/lib/dovecot/lmtp", "dovecot-lmtpd");
        if (!Environment.IsPrivilegedProcess)
            throw new UserException("Postfix and Dovecot start only as root.", "Run the tests as root, as in a container.");
        for (var attempt = 1; ; attempt++)
        {
            var servers = new MailServers(await MailServerFiles.CreateAsync(FreePort.Next(), FreePort.Next(), FreePort.Next(), ct));
            try
            {
                await servers.RunAsync(ct);
                return servers;
            }
            catch (IOException) when (attempt < AttemptsMax)
            {
                await servers.DisposeAsync();
            }
            catch
            {
                await servers.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>The mailbox of this name, made if it is not there yet.</summary>
    /// <remarks>Make all of a test before its first mail or sign-in: in the second after one, Dovecot does not know a new one yet.</remarks>
    /// <param name="name">Like <c>support</c>, or a whole address of any domain.</param>
    public TestMailbox Mailbox(string name)
    {
        var address = name.Contains('@', StringComparison.Ordinal) ? name : $"{name}@{Domain}";
        lock (_mailboxes)
        {
            if (_mailboxes.TryGetValue(address, out var known)) return known;
            var mailbox = new TestMailbox(address, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
            _mailboxes.Add(address, mailbox);
            _files.WriteUsers(_mailboxes.Values);
            return mailbox;
        }
    }

    /// <summary>Hands a mail to Postfix.</summary>
    public async Task SendAsync(MimeMessage mail, CancellationToken ct = default)
    {
        using var client = new SmtpClient();
        await client.ConnectAsync(Host, SmtpPort, SecureSocketOptions.None, ct);
        await client.SendAsync(mail, ct);
        await client.DisconnectAsync(quit: true, ct);
    }

    /// <summary>An IMAP client that is signed in.</summary>
    public async Task<ImapClient> ImapAsync(string name, CancellationToken ct = default)
    {
        var mailbox = Mailbox(name);
        var client = new ImapClient();
        try
        {
            await client.ConnectAsync(Host, ImapPort, SecureSocketOptions.None, ct);
            await client.AuthenticateAsync(mailbox.Address, mailbox.Password, ct);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Waits (by IDLE) until the inbox has at least <paramref name="count"/> mails, and gives all, oldest first.</summary>
    /// <exception cref="TimeoutException">They did not come within a minute; the servers' log is in the message.</exception>
    public async Task<IReadOnlyList<MimeMessage>> ReceivedAsync(string name, int count = 1, CancellationToken ct = default)
    {
        using var client = await ImapAsync(name, ct);
        await client.Inbox.OpenAsync(FolderAccess.ReadOnly, ct);
        using var late = new CancellationTokenSource(ReceiveMax, TimeProvider.System);
        while (client.Inbox.Count < count)
        {
            ct.ThrowIfCancellationRequested();
            if (late.IsCancellationRequested)
                throw new TimeoutException($"{name} has {client.Inbox.Count} mails instead of {count} after {ReceiveMax.TotalSeconds} s.\n{Log}");
            using var more = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
            void Stop(object? sender, EventArgs e) => more.Cancel();
            client.Inbox.CountChanged += Stop;
            // One that came before the handler was there shows itself by now.
            if (client.Inbox.Count < count) await client.IdleAsync(more.Token, ct);
            client.Inbox.CountChanged -= Stop;
        }
        var mails = new List<MimeMessage>();
        for (var i = 0; i < client.Inbox.Count; i++) mails.Add(await client.Inbox.GetMessageAsync(i, ct));
        await client.DisconnectAsync(quit: true, ct);
        return mails;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopped) return;
        _stopped = true;
        // They are asked first: a master that is killed leaves its children to whoever is process 1.
        foreach (var proc in _running.Where(proc => !proc.HasEnded))
            await Proc.RunAsync("kill", ["-TERM", $"{proc.Id}"]);
        foreach (var proc in _running)
        {
            using var late = new CancellationTokenSource(StopMax, TimeProvider.System);
            try
            {
                await proc.WaitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                // WaitAsync has killed it.
            }
            await proc.DisposeAsync();
        }
        _files.Delete();
    }

    private async Task RunAsync(CancellationToken ct)
    {
        _files.WriteUsers([]);
        _running.Add(Proc.Start("/usr/sbin/dovecot", ["-F", "-c", _files.DovecotConfig]));
        _running.Add(Proc.Start("/usr/lib/postfix/sbin/master", ["-c", _files.PostfixFolder, "-d"]));
        await Task.WhenAll(
            GreetedAsync(_running[0], ImapPort, "* OK", ct),
            GreetedAsync(_running[0], LmtpPort, "220 ", ct),
            GreetedAsync(_running[1], SmtpPort, "220 ", ct));
    }

    // A server has no event for "I listen", so its port is asked until it greets, or the server has ended.
    private async Task GreetedAsync(Proc server, int port, string greeting, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(ReadyMax, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        while (!server.HasEnded)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, either.Token);
                var line = new byte[greeting.Length];
                await client.GetStream().ReadExactlyAsync(line, either.Token);
                if (Encoding.ASCII.GetString(line) == greeting) return;
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, either.Token);
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                throw new TimeoutException($"{server.Program} does not answer on port {port}.\n{server.Error}\n{Log}");
            }
        }
        throw new IOException($"{server.Program} ended at once.\n{server.Output}{server.Error}\n{Log}");
    }

    private static void Require(string file, string package)
    {
        if (!File.Exists(file)) throw new UserException($"{file} is not there.", $"Install it: apt-get install {package}");
    }
}
