using System.Net;
using System.Net.Sockets;
using System.Text;
using Mithi.Kernel.People;
using Mithi.Testing;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>Requests that no browser sends: each gets a status or is cut off, and the next reader is served as before.</summary>
public sealed class BadRequestTests
{
    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost@evil.example")]
    [InlineData("")]
    public async Task An_unknown_name_is_refused_before_anything_is_looked_up(string host)
    {
        await using var house = await TestAppliance.StartAsync();
        var answer = await SendAsync(house, $"GET /sign-in HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example", answer, StringComparison.Ordinal);
        await StillServesAsync(house);
    }

    [Theory]
    [InlineData("GET http://evil.example/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /sign-in HTTP/1.1\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /sign-in HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n")]
    [InlineData("GET /sign\0in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\0b\r\nConnection: close\r\n\r\n")]
    [InlineData("POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n")]
    [InlineData("POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\nConnection: close\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002")]
    public async Task A_request_that_is_not_one_is_refused(string raw)
    {
        await using var house = await TestAppliance.StartAsync();
        var answer = await SendAsync(house, raw, end: true);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal)
            || answer.StartsWith("HTTP/1.1 505 ", StringComparison.Ordinal), answer);
        await StillServesAsync(house);
    }

    [Fact]
    public async Task Huge_headers_are_refused()
    {
        await using var house = await TestAppliance.StartAsync();
        var answer = await SendAsync(house, $"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {new string('x', Limits.HeaderBytesMax)}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
        answer = await SendAsync(house, $"GET /{new string('x', 64 << 10)} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 414 ", answer, StringComparison.Ordinal);
        await StillServesAsync(house);
    }

    [Fact]
    public async Task A_huge_body_is_refused_by_its_announced_length_and_by_its_real_one()
    {
        await using var house = await TestAppliance.StartAsync();
        var announced = await SendAsync(house, $"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            + $"Content-Length: {Limits.RequestBytesMax + 1}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413 ", announced, StringComparison.Ordinal);

        using var browser = house.Browser();
        using var endless = new StreamContent(new ZeroStream(Limits.RequestBytesMax + (1 << 20)));
        endless.Headers.ContentType = new("application/x-www-form-urlencoded");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Content = endless };
        request.Headers.TransferEncodingChunked = true;
        try
        {
            using var response = await browser.Http.SendAsync(request);
            Assert.InRange((int)response.StatusCode, 400, 413);
        }
        catch (HttpRequestException cut)
        {
            // The node may close while we still send; then there is nobody to read the answer.
            Assert.IsAssignableFrom<IOException>(cut.InnerException);
        }
        await StillServesAsync(house);
    }

    [Fact]
    public async Task A_sender_who_takes_his_time_is_cut_off()
    {
        await using var house = await TestAppliance.StartAsync();
        // Both at once: the headers are given their time, the body must come with a least speed.
        var headers = SendAsync(house, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        var body = SendAsync(house, "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na=");
        await StillServesAsync(house);
        Assert.StartsWith("HTTP/1.1 408 ", await headers, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 408 ", await body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/..%2f..%2fetc/passwd")]
    [InlineData("/../../../../etc/passwd")]
    [InlineData("/assets/../../mithi.db")]
    [InlineData("/assets/%2e%2e/%2e%2e/keys/audit.key")]
    [InlineData("/wiki/administrators-manual/..%2f..%2f..%2fmithi.db")]
    [InlineData("/wiki/administrators-manual/../../keys/node.pem")]
    [InlineData("/wiki/..%5c..%5ckeys/node.pem")]
    [InlineData("/wiki/%00")]
    [InlineData("/wiki/administrators-manual/%ff%fe")]
    [InlineData("/wiki/administrators-manual/%c0%ae%c0%ae/x")]
    [InlineData("/releases/targets/..%2f..%2fkeys%2fnode.pem")]
    [InlineData("/releases/metadata/..%2froot.json")]
    [InlineData("//evil.example/sign-in")]
    [InlineData("/%2f%2fevil.example")]
    [InlineData("/sign-in/%")]
    public async Task A_path_leads_nowhere_but_to_pages(string path)
    {
        await using var house = await TestAppliance.StartAsync();
        var vendor = await house.OrganisationAsync("Vendor", "Vendor");
        using var administrator = await house.SignInAsync(Role.Administrator, vendor);
        var cookie = $"Cookie: mithi={administrator.Cookie("mithi")}\r\n";
        foreach (var who in new[] { "", cookie })
        {
            var answer = await SendAsync(house, $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{who}Connection: close\r\n\r\n");
            var status = int.Parse(answer.Split(' ')[1]);
            Assert.True(status is 400 or 404 || (status is 302 or 401 && who.Length == 0), answer);
            Assert.DoesNotContain("\r\nLocation: //", answer, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\r\nLocation: http", answer, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("root:x:0", answer, StringComparison.Ordinal);
        }
        await StillServesAsync(house);
    }

    [Theory]
    [InlineData("email=%ff%fe&password=%c3%28")]
    [InlineData("email=%00&password=%00")]
    [InlineData("email=%ed%a0%80&password=x")]
    [InlineData("email=a&email=b&password=x&password=y")]
    [InlineData("=&=&&&%")]
    public async Task A_form_of_broken_text_signs_nobody_in(string form)
    {
        await using var house = await TestAppliance.StartAsync();
        using var browser = house.Browser();
        var forgery = await browser.ForgeryAsync("/sign-in");
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes($"{form}&_forgery={Uri.EscapeDataString(forgery)}"));
        content.Headers.ContentType = new("application/x-www-form-urlencoded");
        using var response = await browser.Http.PostAsync("/sign-in", content);
        Assert.InRange((int)response.StatusCode, 400, 422);
        Assert.DoesNotContain(response.Headers, h => h.Key == "Set-Cookie" && h.Value.Any(v => v.StartsWith("mithi=", StringComparison.Ordinal)));
        await StillServesAsync(house);
    }

    [Fact]
    public async Task A_form_with_too_many_fields_is_refused()
    {
        await using var house = await TestAppliance.StartAsync();
        using var browser = house.Browser();
        using var content = new StringContent(string.Join('&', Enumerable.Range(0, 5_000).Select(i => $"f{i}=x")), Encoding.ASCII, "application/x-www-form-urlencoded");
        using var response = await browser.Http.PostAsync("/sign-in", content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await StillServesAsync(house);
    }

    private static async Task StillServesAsync(TestAppliance house)
    {
        using var browser = house.Browser();
        Assert.Contains("<form", await browser.PageAsync("/sign-in"), StringComparison.Ordinal);
    }

    /// <summary>Sends bytes and reads until the node closes.</summary>
    private static async Task<string> SendAsync(TestAppliance house, string raw, bool end = false)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(house.Url.Host, house.Url.Port);
        var stream = tcp.GetStream();
        var answer = new StringBuilder();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(raw));
            if (end) tcp.Client.Shutdown(SocketShutdown.Send);
            var buffer = new byte[16 << 10];
            for (int read; (read = await stream.ReadAsync(buffer)) > 0;) answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Refused in the middle of what we send: what was answered before is the answer.
        }
        return answer.ToString();
    }

    private sealed class ZeroStream(long length) : Stream
    {
        private long at;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => at; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - at);
            Array.Fill(buffer, (byte)'a', offset, read);
            at += read;
            return read;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
