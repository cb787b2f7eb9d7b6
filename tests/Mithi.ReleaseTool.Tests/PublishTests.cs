using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Mithi.Cli;
using Mithi.ReleaseTool.Publishing;
using Mithi.Trust.Keys;
using Mithi.Trust.Repository;
using Xunit;

namespace Mithi.ReleaseTool.Tests;

public sealed class PublishTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Archives_go_first_and_only_once()
    {
        await using var node = await ContractNode.StartAsync();
        await SignedReleaseAsync();
        Assert.StartsWith("Published as snapshot 1", await PublishAsync(node), StringComparison.Ordinal);
        Assert.Equal(["HEAD", "PUT", "POST"], node.Calls.Select(call => call.Split(' ')[0]));
        Assert.Contains("0 archives sent (0 bytes), 1 were there", await PublishAsync(node), StringComparison.Ordinal);
        Assert.Equal(["HEAD", "PUT", "POST", "HEAD", "POST"], node.Calls.Select(call => call.Split(' ')[0]));

        var sent = node.Published[0].RootElement;
        Assert.Equal("stable", sent.GetProperty("channel").GetString());
        var metadata = sent.GetProperty("metadata");
        Assert.Equal(File.ReadAllBytes(_tool["repo/metadata/1.root.json"]), metadata.GetProperty("root")[0].GetBytesFromBase64());
        Assert.Equal(File.ReadAllBytes(_tool["repo/metadata/targets.json"]), metadata.GetProperty("targets").GetBytesFromBase64());
        Assert.Equal(File.ReadAllBytes(_tool["repo/metadata/sample.json"]), metadata.GetProperty("sample").GetBytesFromBase64());
        Assert.Equal(File.ReadAllBytes(Directory.GetFiles(_tool["repo/targets/sample/1.0.0"]).Single()), node.Blobs.Values.Single());
    }

    [Fact]
    public async Task What_may_pass_is_tried_again()
    {
        await using var node = await ContractNode.StartAsync();
        await SignedReleaseAsync();
        var failures = new Queue<int>([503, 429, 502, 504]);
        node.Fail = request => request.Method == "PUT" && failures.TryDequeue(out var status) ? (status, "later") : null;
        var published = await PublisherAsync(node);
        Assert.Equal((1, 1L), (published.Sent, published.Snapshot));
        Assert.Equal(5, node.Calls.Count(call => call.StartsWith("PUT", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Tries_are_bounded()
    {
        await using var node = await ContractNode.StartAsync();
        await SignedReleaseAsync();
        node.Fail = request => request.Method == "POST" ? (503, """{ "title": "Busy", "detail": "The disk is full." }""") : null;
        var e = await Assert.ThrowsAsync<HttpRequestException>(() => PublisherAsync(node));
        Assert.Equal("The node refused to publish (503). It said: The disk is full. Try later: what was sent already is not sent twice.", e.Message);
        Assert.Equal(Limits.TriesMax, node.Calls.Count(call => call.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_said_so()
    {
        string url;
        await using (var node = await ContractNode.StartAsync()) url = node.Url;
        await SignedReleaseAsync();
        var e = await Assert.ThrowsAsync<IOException>(() => PublisherAsync(url));
        Assert.Contains("can't be reached after 5 tries: Connection refused", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "The token is unknown")]
    [InlineData(403, "may not publish releases")]
    [InlineData(404, "this API is not there")]
    [InlineData(409, "Something else was published there since")]
    [InlineData(413, "larger than the node takes")]
    [InlineData(400, "Correct that")]
    [InlineData(302, "It points elsewhere")]
    public async Task A_refusal_is_said_at_once_with_what_to_do(int status, string hint)
    {
        await using var node = await ContractNode.StartAsync();
        await SignedReleaseAsync();
        node.Fail = request => request.Method == "PUT" ? (status, "not\u001b[2J this") : null;
        var e = await Assert.ThrowsAsync<UserException>(() => PublisherAsync(node));
        Assert.Contains($"({status}). It said: not [2J this", e.Message, StringComparison.Ordinal);
        Assert.Contains(hint, e.Hint, StringComparison.Ordinal);
        Assert.Equal(1, node.Calls.Count(call => call.StartsWith("PUT", StringComparison.Ordinal)));
        Assert.Empty(node.Published);
    }

    [Fact]
    public async Task An_archive_that_is_not_the_signed_one_is_not_sent()
    {
        await using var node = await ContractNode.StartAsync();
        await SignedReleaseAsync();
        await File.AppendAllTextAsync(Directory.GetFiles(_tool["repo/targets/sample/1.0.0"]).Single(), "more", Ct);
        var e = await Assert.ThrowsAsync<UserException>(() => PublisherAsync(node));
        Assert.EndsWith("is not what was signed.", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(node.Calls, call => call.StartsWith("PUT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_not_signed_is_not_published()
    {
        await using var node = await ContractNode.StartAsync();
        await SignedReleaseAsync(sign: false);
        var e = await Assert.ThrowsAsync<UserException>(() => PublisherAsync(node));
        Assert.StartsWith("Not everything is signed", e.Message, StringComparison.Ordinal);
        Assert.Empty(node.Calls);
    }

    [Fact]
    public async Task Only_the_pinned_key_is_taken_for_the_node()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("cn=anybody", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1));   // The pin needs no date.
        await using var node = await ContractNode.StartAsync(certificate);
        await SignedReleaseAsync();
        var pin = SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(1, (await PublisherAsync(node, Convert.ToHexStringLower(pin))).Snapshot);
        Assert.Equal(2, (await PublisherAsync(node, Convert.ToBase64String(pin))).Snapshot);

        pin[0] ^= 1;
        foreach (var wrong in new[] { Convert.ToHexStringLower(pin), null })
        {
            var e = await Assert.ThrowsAsync<IOException>(() => PublisherAsync(node, wrong));
            Assert.Contains("its certificate or pin was refused", e.Message, StringComparison.Ordinal);
        }
        Assert.Equal(2, node.Published.Count);
    }

    [Theory]
    [InlineData("http://node.example.com", "is not encrypted")]
    [InlineData("http://127.0.0.1.example.com", "is not encrypted")]
    [InlineData("ftp://localhost", "is not a node's address")]
    [InlineData("https://me:secret@localhost", "is not a node's address")]
    [InlineData("node", "is not a node's address")]
    public void A_token_only_travels_encrypted(string url, string words)
    {
        var e = Assert.Throws<UserException>(() => NodeAddress.Read(url, _tool.Write("token", ContractNode.Token), null));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\nline")]
    public void A_token_is_one_word(string token)
        => Assert.EndsWith("holds no token.", Assert.Throws<UserException>(() => NodeAddress.Read("https://localhost", _tool.Write("token", token), null)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("abc")]
    [InlineData("zz")]
    public void A_pin_is_a_digest(string pin)
        => Assert.EndsWith("is not a pin.", Assert.Throws<UserException>(() => NodeAddress.Read("https://localhost", _tool.Write("token", "t"), pin)).Message, StringComparison.Ordinal);

    // Signs with keys made here, through the same folder that the sign command writes.
    private async Task SignedReleaseAsync(bool sign = true)
    {
        _tool.Product("one", "1.0.0", "hello");
        using var packed = JsonDocument.Parse(await _tool.DoneAsync("pack", _tool["one/tree"], "-o", _tool["out"], "--json"));
        var key = SigningKey.Generate();
        var folder = new ReleaseFolder(_tool["repo"], TimeProvider.System);
        var keys = new RoleKeys(1, [key.Public]);
        folder.StageRoot(_ => new Dictionary<string, RoleKeys> { ["root"] = keys, ["targets"] = keys, ["snapshot"] = keys, ["timestamp"] = keys });
        folder.StageTargets(_ => new Dictionary<string, RoleKeys> { ["sample"] = keys });
        await folder.AddArchiveAsync("sample", "1.0.0", packed.RootElement.GetProperty("archives")[0].GetProperty("path").GetString()!, null, Ct);
        if (sign) folder.Sign([key]);
    }

    private Task<string> PublishAsync(ContractNode node)
        => _tool.DoneAsync("publish", "--node", node.Url, "--token-file", _tool.Write("token", ContractNode.Token + "\n"), "--repo", _tool["repo"]);

    private Task<PublishedJson> PublisherAsync(ContractNode node, string? pin = null) => PublisherAsync(node.Url, pin);

    private async Task<PublishedJson> PublisherAsync(string url, string? pin = null)
    {
        var address = NodeAddress.Read(url, _tool.Write("token", ContractNode.Token), pin);
        using var http = address.Connect();
        using var progress = new Progress(TextWriter.Null, terminal: false, TimeProvider.System);
        return await new Publisher(new NodeClient(http, new HurriedTime(), _ => { }), progress)
            .PublishAsync(new ReleaseFolder(_tool["repo"], TimeProvider.System), address.Url, "stable", Ct);
    }

    // Pauses between tries are over at once; the limits of a call stay what they are.
    private sealed class HurriedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
            => base.CreateTimer(callback, state, dueTime < TimeSpan.FromSeconds(60) && dueTime > TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : dueTime, period);
    }
}
