using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mithi.Cli;
using Mithi.Testing;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>mithi serve as systemd and an administrator meet it.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly TempFolder temp = new();

    private string Data => temp.File("data");

    public void Dispose() => temp.Dispose();

    [Fact]
    public async Task The_first_link_makes_one_administrator_and_no_second()
    {
        string link;
        await using (var node = await PublishedNode.StartAsync(Data))
        {
            link = new Uri(await node.FirstRunLinkAsync()).AbsolutePath;
            using var browser = new TestBrowser(node.Url);
            var form = new Dictionary<string, string>
            {
                ["organisation"] = "Vendor", ["zone"] = "Asia/Kolkata", ["name"] = "Asha", ["email"] = "asha@vendor.test",
                ["password"] = "four words in mind", ["again"] = "four words in mind",
            };
            using var made = await browser.PostAsync(link, form, from: link);
            Assert.Equal(303, (int)made.StatusCode);

            using var other = new TestBrowser(node.Url);
            using var replayed = await other.GetAsync(link);
            Assert.InRange((int)replayed.StatusCode, 404, 410);
            // Whoever kept the form open cannot send it either.
            form["email"] = "mallory@elsewhere.test";
            using var sent = await other.PostAsync(link, form, from: "/sign-in");
            Assert.InRange((int)sent.StatusCode, 404, 410);
            Assert.Equal(ExitCode.Done, (await node.StopAsync()).ExitCode);
        }
        await using var again = await PublishedNode.StartAsync(Data);
        Assert.InRange((await again.GetAsync(link)).Status, 404, 410);
        Assert.DoesNotContain("/first-run/", (await again.StopAsync()).Output, StringComparison.Ordinal);
        var people = await PublishedNode.RunAsync("person", "list", "--data", Data);
        Assert.Equal("asha@vendor.test  Administrator  Vendor  Asha\n", people.Output);
    }

    [Fact]
    public async Task A_stop_answers_what_is_under_way_and_takes_less_than_ten_seconds()
    {
        await using var node = await PublishedNode.StartAsync(Data);
        // One connection idles and one is in the middle of a request: neither may hold the stop up.
        Assert.Equal(200, (await node.GetAsync("/sign-in")).Status);
        using var slow = new TcpClient();
        await slow.ConnectAsync(node.Url.Host, node.Url.Port);
        await slow.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"u8.ToArray());
        var result = await node.StopAsync().WaitAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(ExitCode.Done, result.ExitCode);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task A_stop_while_it_starts_is_a_stop_like_any_other()
    {
        // From the first line to the last of a start: whenever the signal comes, nothing is called a failure.
        for (var lines = 0; lines < 3; lines++)
        {
            var (left, told) = (lines, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if (left == 0) told.SetResult();
            await using var node = Proc.Start(PublishedNode.Program, ["serve", "--data", temp.File($"start-{lines}"), "--listen", "http://127.0.0.1:0"],
                new() { OnLine = _ => { if (--left == 0) told.TrySetResult(); } });
            await told.Task;
            if (lines == 0) while (!node.HasEnded && !Directory.Exists(Path.Join(temp.File("start-0"), "keys"))) await Task.Yield();
            await Proc.OutputAsync("kill", ["-TERM", $"{node.Id}"]);
            var result = await node.WaitAsync();
            Assert.True(result is { ExitCode: ExitCode.Done, Error: "" }, $"after {lines} lines: {result.ExitCode} {result.Error}{result.Output}");
        }
    }

    [Fact]
    public async Task It_watches_no_folder_but_the_spool()
    {
        await using var node = await PublishedNode.StartAsync(Data);
        Assert.Equal(200, (await node.GetAsync("/sign-in")).Status);
        var watches = Directory.EnumerateFileSystemEntries($"/proc/{node.Id}/fd").Count(fd => new FileInfo(fd).LinkTarget == "anon_inode:inotify");
        Assert.Equal(1, watches);
    }

    [Fact]
    public async Task It_says_the_pin_of_the_certificate_that_it_shows()
    {
        await using var node = await PublishedNode.StartAsync(Data, listen: "https://127.0.0.1:0");
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(node.Url.Host, node.Url.Port);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        using var shown = new X509Certificate2(tls.RemoteCertificate!);
        var pin = Convert.ToHexStringLower(SHA256.HashData(shown.PublicKey.ExportSubjectPublicKeyInfo()));
        Assert.Contains($"TLS pin {pin}\n", (await node.StopAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_structured_log_is_structured_from_its_first_line_and_has_no_secret_in_it()
    {
        await using var process = Proc.Start(PublishedNode.Program, ["serve", "--data", Data, "--listen", "http://127.0.0.1:0", "--json-log"]);
        while (!process.Error.Contains("/first-run/", StringComparison.Ordinal))
        {
            Assert.False(process.HasEnded, process.Output + process.Error);
            await Task.Yield();
        }
        await Proc.OutputAsync("kill", ["-TERM", $"{process.Id}"]);
        var result = await process.WaitAsync();
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, l => l.Contains("Listening on http://127.0.0.1:", StringComparison.Ordinal));
        Assert.All(lines, l => System.Text.Json.JsonDocument.Parse(l).Dispose());
        Assert.DoesNotContain("/first-run/", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locks_that_a_killed_node_left_hold_nothing_up()
    {
        await using (var node = await PublishedNode.StartAsync(Data)) await node.KillAsync();
        var git = Path.Join(Data, "wiki", "administrators-manual.git");
        foreach (var name in new[] { "HEAD.lock", "config.lock", "refs/heads/main.lock" }) File.WriteAllText(Path.Join(git, name), "");
        await using var again = await PublishedNode.StartAsync(Data);
        using var asha = await Seed.AdministratorAsync(again);
        using var saved = await asha.PostAsync("/wiki/new/administrators-manual", new Dictionary<string, string>
        {
            ["path"] = "after-the-kill", ["body"] = "Words.", ["summary"] = "", ["base"] = "",
        }, from: "/wiki/new/administrators-manual");
        Assert.Equal(303, (int)saved.StatusCode);
        await asha.PageAsync("/wiki/administrators-manual/after-the-kill");
    }

    [Fact]
    public async Task Systemd_hears_when_it_answers_and_when_it_stops()
    {
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(temp.File("notify")));
        await using var node = await PublishedNode.StartAsync(Data, new()
        {
            Environment = new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = temp.File("notify") },
        });
        var heard = new byte[64];
        Assert.Equal("READY=1", Encoding.ASCII.GetString(heard, 0, await systemd.ReceiveAsync(heard)));
        await node.StopAsync();
        Assert.Equal("STOPPING=1", Encoding.ASCII.GetString(heard, 0, await systemd.ReceiveAsync(heard)));
    }
}
