using Mithi.Cli;
using Mithi.Testing;
using MimeKit;

namespace Mithi.Machine.Tests.Story;

/// <summary>The support node of the story: the published program on an empty data folder, with this machine's real mail servers beside it.</summary>
internal sealed class StoryNode : IAsyncDisposable
{
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(30);

    private readonly PublishedNode _program;

    private StoryNode(string data, PublishedNode program, Uri url, string pin, MailServers mail)
        => (Data, _program, Url, Pin, Mail) = (data, program, url, pin, mail);

    public string Data { get; }

    public MailServers Mail { get; }

    /// <summary>How people reach it.</summary>
    public Uri Url { get; }

    /// <summary>How customers' servers reach it: by another name, as a machine in QEMU sees this one.</summary>
    public string UrlForSites => $"https://{Machine.HostAddress}:{Url.Port}";

    /// <summary>As the console says it.</summary>
    public string Pin { get; }

    public string Log => _program.Log;

    public static async Task<StoryNode> StartAsync(string data, CancellationToken ct)
    {
        var mail = await MailServers.StartAsync(ct);
        try
        {
            // Links in mails name the port, so it is chosen before the start, as an administrator does.
            var url = new Uri($"https://localhost:{FreePort.Next()}");
            var program = await PublishedNode.StartAsync(data, listen: $"https://127.0.0.1:{url.Port}", publicUrl: url.GetLeftPart(UriPartial.Authority));
            return new(data, program, url, await program.PinAsync(), mail);
        }
        catch
        {
            await mail.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whoever comes by without signing in.</summary>
    public TestBrowser Visitor() => new(Url);

    /// <summary>The one-time link on the console.</summary>
    public Task<string> FirstRunLinkAsync() => _program.FirstRunLinkAsync();

    /// <summary>Waits until a mail that fits is in the mailbox.</summary>
    public async Task<MimeMessage> MailAsync(string address, Func<MimeMessage, bool> fits, CancellationToken ct)
    {
        for (var count = 1; ;)
        {
            var mails = await Mail.ReceivedAsync(address, count, ct);
            if (mails.LastOrDefault(fits) is { } found) return found;
            count = mails.Count + 1;
        }
    }

    /// <summary>Asks Debian's git about a section's bare repository.</summary>
    public Task<string> GitAsync(string section, CancellationToken ct, params string[] arguments)
        => Proc.OutputAsync("git", [$"--git-dir={Path.Join(Data, "wiki", section + ".git")}", .. arguments], new ProcOptions { DebianPackage = "git" }, ct);

    /// <summary>What <c>mithi audit verify</c> says of the log.</summary>
    public async Task<string> AuditAsync() => (await PublishedNode.RunAsync("audit", "verify", "--data", Data)).Require();

    /// <summary>Stops it as systemd does; answers its exit code.</summary>
    public async Task<int> StopAsync() => (await _program.StopAsync().WaitAsync(StopMax)).ExitCode;

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        await Mail.DisposeAsync();
    }
}
