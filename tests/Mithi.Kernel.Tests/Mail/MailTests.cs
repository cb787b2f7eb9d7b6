using System.Text;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.Mail;

/// <summary>Against this machine's real Postfix and Dovecot, one pair for the class.</summary>
public sealed class MailTests(MailTests.Servers servers) : IClassFixture<MailTests.Servers>
{
    private static readonly CurrentPerson Admin = new()
    {
        Id = new(1), Name = "Asha", Role = Role.Administrator, Zone = DateTimeZone.Utc,
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task A_mail_arrives_as_it_was_given(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine);
        var to = $"asha-{engine}@mithi.test".ToLowerInvariant();
        var blob = await kernel.Get<BlobStore>().PutAsync(new MemoryStream("log line"u8.ToArray()), 100, Ct);
        var id = await kernel.Db.WriteAsync(tx => kernel.Get<MailQueue>().AddAsync(tx, new()
        {
            To = [new(to, "आशा \"Asha\" Rao")], Subject = "[#4711] डिस्क भर गई — disk full", Text = "नमस्ते\n.\nFrom here on: text",
            Html = "<p>नमस्ते</p>", InReplyTo = "a@b.test", References = ["x@b.test", "a@b.test"],
            Headers = new Dictionary<string, string> { ["X-Mithi-Ticket"] = "4711" },
            Attachments = [new(blob.Id, "प्रणाली.log", "text/plain")],
        }), Ct);
        await kernel.DrainAsync();

        var mail = Assert.Single(await servers.Mail.ReceivedAsync(to, 1, Ct));
        Assert.Equal((id, "[#4711] डिस्क भर गई — disk full"), (mail.MessageId, mail.Subject));
        Assert.Equal("नमस्ते\n.\nFrom here on: text", mail.TextBody!.ReplaceLineEndings("\n").TrimEnd());
        Assert.Equal("<p>नमस्ते</p>", mail.HtmlBody!.Trim());
        Assert.Equal(("Support", "support@mithi.test"), (mail.From.Mailboxes.Single().Name, mail.From.Mailboxes.Single().Address));
        Assert.Equal("आशा \"Asha\" Rao", mail.To.Mailboxes.Single().Name);
        Assert.Equal(("a@b.test", "x@b.test a@b.test"), (mail.InReplyTo, string.Join(' ', mail.References)));
        Assert.Equal("<>", mail.Headers["Return-Path"]);
        Assert.Equal(("auto-generated", "4711"), (mail.Headers["Auto-Submitted"], mail.Headers["X-Mithi-Ticket"]));
        Assert.Equal(kernel.Now.ToDateTimeOffset(), mail.Date);
        var attached = (MimePart)mail.Attachments.Single();
        using var content = new MemoryStream();
        await attached.Content!.DecodeToAsync(content, Ct);
        Assert.Equal(("प्रणाली.log", "log line"), (attached.FileName, Encoding.UTF8.GetString(content.ToArray())));
        var line = Assert.Single(await kernel.Get<MailStore>().ListAsync(9, Ct));
        Assert.Equal((MailState.Sent, to), (line.State, line.Recipients));
    }

    [Theory, BothEngines]
    public async Task A_mail_with_a_receipt_is_never_sent_again(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine);
        var to = $"once-{engine}@mithi.test".ToLowerInvariant();
        await AddAsync(kernel, to);
        await kernel.DrainAsync();
        // The same job once more, as when a kill came between the receipt and the end of the job.
        var line = Assert.Single(await kernel.Get<MailStore>().ListAsync(9, Ct));
        await kernel.WriteAsync(tx => kernel.Get<JobQueue>().AddAsync(tx, SendMailJob.Name, new SendMail(line.Id)));
        await kernel.DrainAsync();
        await AddAsync(kernel, to);
        await kernel.DrainAsync();
        var mails = await servers.Mail.ReceivedAsync(to, 2, Ct);
        Assert.Equal(2, mails.Count);
        Assert.Equal(2, mails.Select(m => m.MessageId).Distinct().Count());
    }

    [Theory, BothEngines]
    public async Task Without_a_mail_server_mails_wait_visibly_and_go_once_one_is_named(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var to = $"late-{engine}@mithi.test".ToLowerInvariant();
        await AddAsync(kernel, to);
        await kernel.DrainAsync();
        var job = Assert.Single(await kernel.JobsAsync());
        Assert.Equal(JobState.Waiting, job.State);
        Assert.StartsWith("No mail server or no sender's address is set.", job.Error, StringComparison.Ordinal);

        await ConfigureAsync(kernel);
        await kernel.DrainAsync();
        Assert.Single(await servers.Mail.ReceivedAsync(to, 1, Ct));
    }

    [Theory, BothEngines]
    public async Task A_mail_server_that_is_away_is_tried_again(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine);
        var to = $"again-{engine}@mithi.test".ToLowerInvariant();
        await SetAsync(kernel, (MailSettings.Port, "1"));
        await AddAsync(kernel, to);
        await kernel.DrainAsync();
        Assert.Equal((JobState.Queued, 1), Assert.Single(await kernel.JobsAsync()) is var l ? (l.State, l.Attempts) : default);

        await SetAsync(kernel, (MailSettings.Port, $"{servers.Mail.SmtpPort}"));
        kernel.Clock.Advance(JobLoop.Backoff(1).ToTimeSpan());
        await kernel.DrainAsync();
        Assert.Single(await servers.Mail.ReceivedAsync(to, 1, Ct));
    }

    [Theory, BothEngines]
    public async Task A_recipient_that_the_server_refuses_is_recorded_and_the_others_get_it(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        await using var server = new StrictSmtpServer();
        await ConfigureAsync(kernel, server.Port);
        await AddAsync(kernel, "refused@mithi.test");
        await AddAsync(kernel, "refused@mithi.test", "good@mithi.test");
        await kernel.DrainAsync();
        var lines = await kernel.Get<MailStore>().ListAsync(9, Ct);
        Assert.Equal([MailState.Sent, MailState.Refused], lines.Select(l => l.State));
        Assert.All(lines, l => Assert.Contains("refused@mithi.test: 550 5.1.1 No such user", l.Answer, StringComparison.Ordinal));
        Assert.Equal(["RCPT TO:<good@mithi.test>"], server.Delivered);
        Assert.Empty(await kernel.JobsAsync());
    }

    [Theory, BothEngines]
    public async Task A_recipient_for_later_sends_to_nobody_now_and_to_all_later(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        await using var server = new StrictSmtpServer();
        await ConfigureAsync(kernel, server.Port);
        await AddAsync(kernel, "later@mithi.test", "good@mithi.test");
        await kernel.DrainAsync();
        Assert.Equal((JobState.Queued, 1), Assert.Single(await kernel.JobsAsync()) is var job ? (job.State, job.Attempts) : default);
        Assert.Empty(server.Delivered);
    }

    [Theory]
    [InlineData("554 5.7.1 Your address is on a list", "250 2.0.0 Ok")]
    [InlineData("220 strict.test", "530 5.7.0 Authentication required")]
    [InlineData("220 strict.test", "550 5.1.8 No such sender")]
    public async Task A_server_that_refuses_us_and_not_the_mail_is_waited_for(string greeting, string sender)
    {
        await using var kernel = await TestKernel.StartAsync(DbEngine.Sqlite);
        await using var server = new StrictSmtpServer { Greeting = greeting, Sender = sender };
        await ConfigureAsync(kernel, server.Port);
        await AddAsync(kernel, "good@mithi.test");
        await kernel.DrainAsync();
        Assert.Equal(MailState.Queued, Assert.Single(await kernel.Get<MailStore>().ListAsync(9, Ct)).State);
        var waits = Assert.Single(await kernel.JobsAsync());
        Assert.Equal(JobState.Waiting, waits.State);
        Assert.StartsWith("The mail server does not take mails from us: ", waits.Error, StringComparison.Ordinal);

        (server.Greeting, server.Sender) = ("220 strict.test", "250 2.0.0 Ok");
        await SetAsync(kernel, (MailSettings.FromName, "Another name"));     // whoever put it right saves the settings, or an hour passes
        await kernel.DrainAsync();
        Assert.Equal(["RCPT TO:<good@mithi.test>"], server.Delivered);
        Assert.Empty(await kernel.JobsAsync());
    }

    [Fact]
    public async Task A_receipt_that_a_full_disk_does_not_take_sends_nothing_twice()
    {
        await using var kernel = await TestKernel.StartAsync(DbEngine.Sqlite);
        await using var server = new StrictSmtpServer();
        await ConfigureAsync(kernel, server.Port);
        await AddAsync(kernel, "good@mithi.test");
        await kernel.WriteAsync(tx => tx.ExecuteAsync(
            "create trigger full before update of state on outgoing_mail begin select raise(abort, 'database or disk is full'); end"));
        var draining = kernel.DrainAsync();
        while (server.Delivered.Count == 0) await Task.Yield();
        await kernel.WriteAsync(tx => tx.ExecuteAsync("drop trigger full"));
        // The job works in real time: a clock that ran ahead of it would end it as one that hangs, and it would be begun again.
        for (var turns = 1; !draining.IsCompleted; turns++)
        {
            if (turns % 10_000 == 0) kernel.Clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await draining;
        Assert.Single(server.Delivered);
        Assert.Equal(MailState.Sent, Assert.Single(await kernel.Get<MailStore>().ListAsync(9, Ct)).State);
    }

    [Fact]
    public async Task Encryption_that_cannot_be_trusted_is_an_error_and_not_plain_text()
    {
        await using var kernel = await StartAsync(DbEngine.Sqlite);
        await SetAsync(kernel, (MailSettings.Security, "starttls"));
        await AddAsync(kernel, "nobody@mithi.test");
        await kernel.DrainAsync();
        Assert.StartsWith("SslHandshakeException", Assert.Single(await kernel.JobsAsync()).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MailFault.NoRecipient)]
    [InlineData(MailFault.TooManyRecipients)]
    [InlineData(MailFault.BadAddress, "", "x", "a b@c.test", "a@b.test\r\nBcc: all@b.test", "@b.test", "a@", "a@b.test, c@d.test", "A <a@b.test>")]
    public async Task A_mail_for_nobody_or_nowhere_is_refused(MailFault fault, params string[] addresses)
    {
        await using var kernel = await TestKernel.StartAsync(DbEngine.Sqlite);
        var lists = fault switch
        {
            MailFault.NoRecipient => new string[][] { [] },
            MailFault.TooManyRecipients => [[.. Enumerable.Range(0, 101).Select(i => $"a{i}@b.test")]],
            _ => addresses.Select(a => new[] { a }),
        };
        foreach (var list in lists)
            Assert.Equal(fault, (await Assert.ThrowsAsync<MailException>(() => AddAsync(kernel, list))).Fault);
        Assert.Empty(await kernel.Get<MailStore>().ListAsync(9, Ct));
    }

    [Fact]
    public async Task A_line_break_adds_no_header()
    {
        await using var kernel = await TestKernel.StartAsync(DbEngine.Sqlite);
        const string Evil = "x\r\nBcc: all@b.test";
        var good = new OutgoingMail { To = [new("a@b.test")], Subject = "x", Text = "x" };
        OutgoingMail[] bad =
        [
            good with { Subject = Evil }, good with { MessageId = Evil }, good with { InReplyTo = Evil }, good with { References = [Evil] },
            good with { MessageId = "a>b@c.test" }, good with { Headers = new Dictionary<string, string> { ["X"] = Evil } },
            good with { Headers = new Dictionary<string, string> { ["X: y\r\nBcc"] = "x" } }, good with { To = [new("a@b.test", Evil)] },
            good with { Attachments = [new(BlobId.Of(new byte[32]), Evil, "text/plain")] },
        ];
        foreach (var mail in bad)
            await Assert.ThrowsAsync<MailException>(() => kernel.WriteAsync(tx => kernel.Get<MailQueue>().AddAsync(tx, mail)));
    }

    private async Task<TestKernel> StartAsync(DbEngine engine)
    {
        var kernel = await TestKernel.StartAsync(engine);
        await ConfigureAsync(kernel);
        return kernel;
    }

    private Task ConfigureAsync(TestKernel kernel, int? port = null) => SetAsync(kernel, (MailSettings.Host, servers.Mail.Host),
        (MailSettings.Port, $"{port ?? servers.Mail.SmtpPort}"), (MailSettings.Security, "none"), (MailSettings.From, "support@mithi.test"));

    private static async Task SetAsync(TestKernel kernel, params (Setting Setting, string Value)[] values)
        => Assert.Empty(await kernel.Get<SettingStore>().ChangeAsync(values.ToDictionary(v => v.Setting.Key, v => v.Value), Admin, Ct));

    private static Task AddAsync(TestKernel kernel, params string[] to) => kernel.WriteAsync(tx => kernel.Get<MailQueue>().AddAsync(tx, new()
    {
        To = [.. to.Select(t => new MailTo(t))], Subject = "Hello", Text = "Text",
    }));

    public sealed class Servers : IAsyncLifetime
    {
        public MailServers Mail { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Mail = await MailServers.StartAsync();
            // All before the first delivery: Dovecot notices a change of its list of users by the second only.
            foreach (var name in (string[])["asha", "once", "late", "again"])
                foreach (var engine in Enum.GetNames<DbEngine>())
                    Mail.Mailbox($"{name}-{engine}@mithi.test".ToLowerInvariant());
        }

        public ValueTask DisposeAsync() => Mail.DisposeAsync();
    }
}
