using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mithi.Cli;

namespace Mithi.Testing;

/// <summary>The folder that a pair of mail servers lives in, and their configuration.</summary>
internal sealed class MailServerFiles
{
    // Both servers drop root for every mail; this user is on every Debian and owns nothing else that we touch.
    private const string Owner = "mail";
    private const int OwnerId = 8;

    // What "postfix check" makes before every start; made here, its scripts' three seconds are saved.
    private static readonly string[] QueueFolders =
    [
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "private", "public", "saved", "trace",
    ];

    private readonly string _root;

    private MailServerFiles(string root, int smtpPort, int imapPort, int lmtpPort)
        => (_root, SmtpPort, ImapPort, LmtpPort) = (root, smtpPort, imapPort, lmtpPort);

    public int SmtpPort { get; }

    public int ImapPort { get; }

    public int LmtpPort { get; }

    public string DovecotConfig => Path.Join(_root, "dovecot.conf");

    public string PostfixFolder => Path.Join(_root, "postfix");

    public string Certificate => Path.Join(_root, "certificate.pem");

    private string Key => Path.Join(_root, "key.pem");

    private string Users => Path.Join(_root, "users");

    public static async Task<MailServerFiles> CreateAsync(int smtpPort, int imapPort, int lmtpPort, CancellationToken ct)
    {
        // Short, because Unix sockets live in it and their paths end at 107 bytes; /tmp, because the servers' users must get in.
        var root = Directory.CreateTempSubdirectory("mail-").FullName;
        File.SetUnixFileMode(root, 
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var files = new MailServerFiles(root, smtpPort, imapPort, lmtpPort);
        files.WriteCertificate();
        files.WriteDovecot();
        await files.WritePostfixAsync(ct);
        return files;
    }

    /// <summary>Dovecot looks at the file's time and size when it is asked for a mailbox, but only once a second.</summary>
    public void WriteUsers(IEnumerable<TestMailbox> mailboxes)
    {
        var temporary = Users + ".new";
        File.WriteAllLines(temporary, mailboxes.Select(mailbox => $"{mailbox.Address}:{{PLAIN}}{mailbox.Password}:{OwnerId}:{OwnerId}::{_root}/mail/{mailbox.Address.ToLowerInvariant()}"));
        File.Move(temporary, Users, overwrite: true);
    }

    public string Log()
    {
        var logs = new[] { "dovecot.log", "postfix.log" }.Select(name => Path.Join(_root, name)).Where(File.Exists);
        return string.Join('\n', logs.Select(File.ReadAllText));
    }

    public void Delete() => Directory.Delete(_root, recursive: true);

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=mail.{MailServers.Domain}", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
    }

    private void WriteDovecot() => File.WriteAllText(DovecotConfig, $$"""
        base_dir = {{_root}}/dovecot
        instance_name = {{Path.GetFileName(_root)}}
        state_dir = {{_root}}/dovecot-state
        log_path = {{_root}}/dovecot.log
        protocols = imap lmtp
        listen = 127.0.0.1
        ssl = yes
        ssl_cert = <{{Certificate}}
        ssl_key = <{{Key}}
        disable_plaintext_auth = no
        auth_mechanisms = plain login
        auth_username_format = %Lu
        recipient_delimiter = +
        lmtp_save_to_detail_mailbox = no
        mail_location = maildir:{{_root}}/mail/%Lu
        mail_uid = {{Owner}}
        mail_gid = {{Owner}}
        first_valid_uid = 1
        first_valid_gid = 1
        mailbox_list_index = no
        default_process_limit = 50
        passdb {
          driver = passwd-file
          args = username_format=%Lu {{Users}}
        }
        userdb {
          driver = passwd-file
          args = username_format=%Lu {{Users}}
        }
        namespace inbox {
          inbox = yes
        }
        service imap-login {
          inet_listener imap {
            port = {{ImapPort}}
          }
          inet_listener imaps {
            port = 0
          }
        }
        service lmtp {
          inet_listener lmtp {
            port = {{LmtpPort}}
          }
        }
        service auth {
          unix_listener {{_root}}/auth {
            mode = 0666
          }
        }

        """);

    private async Task WritePostfixAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(PostfixFolder);
        Directory.CreateDirectory(Path.Join(_root, "mail"));
        var queue = QueueFolders.Select(name => Path.Join(_root, "queue", name)).ToList();
        foreach (var folder in queue.Append(Path.Join(_root, "data")).Append(Path.Join(_root, "queue", "pid"))) Directory.CreateDirectory(folder);
        await Proc.OutputAsync("chown", [$"{Owner}:", Path.Join(_root, "mail")], ct: ct);
        await Proc.OutputAsync("chown", ["postfix:", Path.Join(_root, "data"), .. queue], ct: ct);
        File.WriteAllText(Path.Join(PostfixFolder, "main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {_root}/queue
            data_directory = {_root}/data
            maillog_file = {_root}/postfix.log
            maillog_file_prefixes = {_root}
            myhostname = mail.{MailServers.Domain}
            mydestination =
            mynetworks = 127.0.0.0/8
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            alias_maps =
            local_recipient_maps =
            recipient_delimiter = +
            message_size_limit = 50000000
            virtual_mailbox_limit = 0
            mailbox_size_limit = 0
            virtual_mailbox_domains = static:all
            virtual_mailbox_maps =
            virtual_transport = lmtp:inet:127.0.0.1:{LmtpPort}
            lmtp_host_lookup = native
            smtp_host_lookup = native
            smtputf8_enable = yes
            smtpd_relay_restrictions = permit_mynetworks reject
            smtpd_sasl_auth_enable = yes
            smtpd_sasl_type = dovecot
            smtpd_sasl_path = {_root}/auth
            smtpd_sasl_security_options = noanonymous
            smtpd_tls_security_level = may
            smtpd_tls_cert_file = {Certificate}
            smtpd_tls_key_file = {Key}
            smtpd_peername_lookup = no
            smtpd_delay_reject = yes
            smtpd_client_connection_count_limit = 0
            default_process_limit = 20

            """);
        File.WriteAllText(Path.Join(PostfixFolder, "master.cf"), $"""
            127.0.0.1:{SmtpPort} inet n - n - - smtpd
            pickup    unix  n - n 60   1 pickup
            cleanup   unix  n - n -    0 cleanup
            qmgr      unix  n - n 300  1 qmgr
            tlsmgr    unix  - - n 1000? 1 tlsmgr
            rewrite   unix  - - n -    - trivial-rewrite
            bounce    unix  - - n -    0 bounce
            defer     unix  - - n -    0 bounce
            trace     unix  - - n -    0 bounce
            flush     unix  n - n 1000? 0 flush
            proxymap  unix  - - n -    - proxymap
            showq     unix  n - n -    - showq
            error     unix  - - n -    - error
            retry     unix  - - n -    - error
            discard   unix  - - n -    - discard
            lmtp      unix  - - n -    - lmtp
            anvil     unix  - - n -    1 anvil
            scache    unix  - - n -    1 scache
            postlog   unix-dgram n - n - 1 postlogd

            """);
    }
}
