using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Handshake;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Pairing;

namespace Mithi.Protocol.Tests;

public sealed class PairingTests
{
    private static CancellationToken Ct => LoopbackNode.Ct;

    [Fact]
    public async Task A_bare_machine_shows_a_code_and_typing_it_at_the_node_accepts_it()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        await using var site = await node.ConnectAsync(device);
        var session = await node.SessionAsync();
        Assert.False(site.Welcome.Paired);
        Assert.False(site.Welcome.Intercepted);
        Assert.Matches("^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$", site.Code!.ToString());

        var outcome = node.Desk.Try("asha", site.Code.ToString().ToLowerInvariant().Replace("-", " "));
        Assert.Same(session.Pending, Assert.IsType<PairingOutcome.Accepted>(outcome).Machine);
        Assert.Equal(PairingDecision.Accepted, await session.Pending!.Decision);
        Assert.Equal(device.Public.Hash, session.Pending.Device.Hash);
        Assert.Empty(node.Desk.Waiting());
        Assert.IsType<PairingOutcome.NobodyWaits>(node.Desk.Try("asha", site.Code.ToString()));
    }

    [Fact]
    public async Task Five_wrong_codes_send_the_machine_back_for_a_new_one()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        await using var site = await node.ConnectAsync(device);
        var session = await node.SessionAsync();
        var wrong = site.Code!.ToString() == "0000-0000" ? "1111-1111" : "0000-0000";
        for (var left = 4; left >= 0; left--)
            Assert.Equal(new PairingOutcome.Wrong(left), node.Desk.Try("asha", wrong));
        Assert.Equal(PairingDecision.TriesUsedUp, await session.Pending!.Decision);
        Assert.IsType<PairingOutcome.NobodyWaits>(node.Desk.Try("asha", site.Code.ToString()));

        await using var again = await node.ConnectAsync(device);
        Assert.NotEqual(site.Code.ToString(), again.Code!.ToString());
    }

    [Fact]
    public async Task A_code_that_cannot_be_one_costs_no_try()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        await using var site = await node.ConnectAsync(device);
        var session = await node.SessionAsync();
        foreach (var typed in new[] { "", "ABC", "ABCD-EFGHJ", "UUUU-UUUU", "ABCD-EFG!", new string('A', 10_000) })
            Assert.IsType<PairingOutcome.Unreadable>(node.Desk.Try("asha", typed));
        Assert.Equal(Limits.PairingTriesMax, session.Pending!.TriesLeft);
    }

    [Fact]
    public async Task A_code_is_good_for_fifteen_minutes()
    {
        var time = new FakeTimeProvider();
        await using var node = await LoopbackNode.StartAsync(time);
        using var device = SigningKey.Create();
        await using var site = await node.ConnectAsync(device, time: time);
        var session = await node.SessionAsync();
        Assert.Equal(time.GetUtcNow() + TimeSpan.FromMinutes(15), site.Welcome.CodeExpiresAt);

        Assert.False(session.Pending!.Decision.IsCompleted);
        // Only the desk's clock goes on here: the connection's pings have tests of their own.
        time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(PairingDecision.Expired, await session.Pending.Decision);
        Assert.IsType<PairingOutcome.NobodyWaits>(node.Desk.Try("asha", site.Code!.ToString()));
    }

    [Fact]
    public async Task A_code_is_still_good_in_the_last_second()
    {
        var time = new FakeTimeProvider();
        await using var node = await LoopbackNode.StartAsync(time);
        using var device = SigningKey.Create();
        await using var site = await node.ConnectAsync(device, time: time);
        var session = await node.SessionAsync();
        time.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        Assert.IsType<PairingOutcome.Accepted>(node.Desk.Try("asha", site.Code!.ToString()));
        Assert.Equal(PairingDecision.Accepted, await session.Pending!.Decision);
    }

    [Fact]
    public async Task Somebody_in_between_gives_another_code_and_is_reported()
    {
        await using var node = await LoopbackNode.StartAsync();
        // What the site sees is the interceptor's certificate; the node computes with its own.
        using var own = SigningKey.Create();
        node.ServerKey = own.Public.Hash;
        using var device = SigningKey.Create();
        await using var site = await node.ConnectAsync(device);
        var session = await node.SessionAsync();
        Assert.True(site.Welcome.Intercepted);
        Assert.True(session.Intercepted);
        Assert.IsType<PairingOutcome.Wrong>(node.Desk.Try("asha", site.Code!.ToString()));
    }

    [Fact]
    public async Task A_server_with_another_key_than_the_mediums_is_left_at_once()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var other = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        var refused = await Assert.ThrowsAsync<ProtocolException>(
            () => SiteClient.ConnectAsync(other.Address, null, node.Identity(device), TimeProvider.System, Ct));
        Assert.Equal(ProtocolFault.PinMismatch, refused.Fault);
        Assert.Contains(other.Key.Public.Hash.Hex, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_cannot_prove_the_key_on_the_medium_is_left()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        using var expected = SigningKey.Create();
        var identity = node.Identity(device) with { Pins = [expected.Public.Hash] };
        var socket = await node.KnockAsync();
        var refused = await Assert.ThrowsAsync<ProtocolException>(
            () => SiteHandshake.RunAsync(socket, identity, expected.Public.Hash, TimeProvider.System, Ct));
        Assert.Equal(ProtocolFault.PinMismatch, refused.Fault);
    }

    [Fact]
    public async Task The_key_of_the_server_certificate_proves_no_node()
    {
        // A proxy, or whoever took its key: TLS is right, the stamp knows the key, and it must give no orders.
        await using var proxy = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        using var node = SigningKey.Create();
        var identity = proxy.Identity(device) with { Pins = [node.Public.Hash], ServerPins = [proxy.Key.Public.Hash] };
        var refused = await Assert.ThrowsAsync<ProtocolException>(
            () => SiteClient.ConnectAsync(proxy.Address, null, identity, TimeProvider.System, Ct));
        Assert.Equal(ProtocolFault.PinMismatch, refused.Fault);
        Assert.Contains("The node has the key", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_that_signs_orders_is_no_server_certificates()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        using var certificate = SigningKey.Create();
        var identity = node.Identity(device) with { ServerPins = [certificate.Public.Hash] };
        var refused = await Assert.ThrowsAsync<ProtocolException>(
            () => SiteClient.ConnectAsync(node.Address, null, identity, TimeProvider.System, Ct));
        Assert.Equal(ProtocolFault.PinMismatch, refused.Fault);
        Assert.Contains("The server has the key", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replayed_pairing_is_refused()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        var (hello, open) = await RecordAsync(node, device);

        using var replay = new FrameSocket(await node.KnockAsync());
        await HelloFrames.SendAsync(replay, hello, Ct);
        await HelloFrames.ExpectAsync<NodeChallenge>(replay, Ct);
        await HelloFrames.SendAsync(replay, open, Ct);
        var refused = await Assert.ThrowsAsync<ProtocolException>(() => HelloFrames.ExpectAsync<NodeWelcome>(replay, Ct));
        Assert.Equal(ProtocolFault.BadSignature, refused.Fault);
        Assert.Equal(ProtocolFault.BadSignature, (await node.RefusedAsync()).Fault);
        Assert.Empty(node.Desk.Waiting());
    }

    [Fact]
    public async Task A_commitment_is_kept()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        using var socket = new FrameSocket(await node.KnockAsync());
        var hello = new SiteHello(1, "asha", "1.0.0", "installer", node.Key.Public.Hash.Hex, new byte[32]);
        await HelloFrames.SendAsync(socket, hello, Ct);
        var challenge = await HelloFrames.ExpectAsync<NodeChallenge>(socket, Ct);
        // A machine that chooses its nonce after it has seen the node's could search for a code that it likes.
        var nonce = HelloFrames.Nonce();
        var digest = HelloFrames.SiteDigest(hello, node.Key.Public, challenge.Nonce, device.Public, nonce);
        await HelloFrames.SendAsync(socket, new SiteOpen(device.Public.Spki.ToArray(), nonce, device.Sign(digest)), Ct);
        Assert.Equal(ProtocolFault.CommitmentMismatch, (await node.RefusedAsync()).Fault);
    }

    [Fact]
    public async Task Of_two_machines_from_one_medium_the_one_whose_code_was_typed_is_the_sites()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var first = SigningKey.Create();
        using var second = SigningKey.Create();
        await using var one = await node.ConnectAsync(first);
        var oneSession = await node.SessionAsync();
        await using var two = await node.ConnectAsync(second);
        var twoSession = await node.SessionAsync();
        Assert.NotEqual(one.Code!.ToString(), two.Code!.ToString());

        Assert.IsType<PairingOutcome.Accepted>(node.Desk.Try("asha", two.Code.ToString()));
        Assert.Equal(PairingDecision.OtherMachine, await oneSession.Pending!.Decision);
        Assert.Equal(PairingDecision.Accepted, await twoSession.Pending!.Decision);

        node.Sites["asha"] = new(second.Public.Hash, 0);
        var refused = await Assert.ThrowsAsync<ProtocolException>(() => node.ConnectAsync(first));
        Assert.Equal(ProtocolFault.OtherMachine, refused.Fault);
    }

    [Fact]
    public void A_second_machine_with_the_same_code_takes_it_from_both()
    {
        var desk = new PairingDesk(TimeProvider.System);
        using var first = SigningKey.Create();
        using var second = SigningKey.Create();
        var code = PairingCode.Parse("7KQX-M2ZD")!;
        using var one = desk.Announce("asha", first.Public, code);
        using var two = desk.Announce("asha", second.Public, code);
        using var other = desk.Announce("bharat", second.Public, code);
        Assert.IsType<PairingOutcome.Ambiguous>(desk.Try("asha", "7KQX-M2ZD"));
        Assert.Empty(desk.Waiting("asha"));
        Assert.IsType<PairingOutcome.Accepted>(desk.Try("bharat", "7KQX-M2ZD"));
        Assert.IsType<PairingOutcome.NobodyWaits>(desk.Try("bharat", "7KQX-M2ZD"));
    }

    [Fact]
    public async Task A_fifth_machine_at_one_site_is_refused_and_a_leaver_makes_room()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        var waiting = new List<SiteSession>();
        for (var i = 0; i < Limits.PendingPerSiteMax; i++)
            waiting.Add(await node.ConnectAsync(device));
        var refused = await Assert.ThrowsAsync<ProtocolException>(() => node.ConnectAsync(device));
        Assert.Equal(ProtocolFault.TooManyPending, refused.Fault);

        var left = new TaskCompletionSource();
        node.Desk.Changed += _ => left.TrySetResult();
        await waiting[0].DisposeAsync();
        await left.Task.WaitAsync(Ct);
        await using var fifth = await node.ConnectAsync(device);
        Assert.NotNull(fifth.Code);
        foreach (var session in waiting)
            await session.DisposeAsync();
    }

    [Fact]
    public async Task An_unknown_site_is_refused_by_name()
    {
        await using var node = await LoopbackNode.StartAsync();
        using var device = SigningKey.Create();
        var refused = await Assert.ThrowsAsync<ProtocolException>(() => node.ConnectAsync(device, "nowhere"));
        Assert.Equal(ProtocolFault.SiteUnknown, refused.Fault);
    }

    [Fact]
    public async Task A_knock_without_a_word_is_let_go_after_the_bound()
    {
        var time = new FakeTimeProvider();
        await using var node = await LoopbackNode.StartAsync(time);
        using var socket = await node.KnockAsync();
        var refused = node.RefusedAsync();
        while (!refused.IsCompleted)
        {
            time.Advance(Limits.HandshakeMax);
            await Task.Yield();
        }
        Assert.Equal(ProtocolFault.Silent, (await refused).Fault);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"type\":\"open\",\"deviceKey\":\"\",\"nonce\":\"\",\"signature\":\"\"}")]
    [InlineData("{\"type\":\"hello\",\"protocol\":2,\"site\":\"asha\",\"agent\":\"1\",\"stage\":\"agent\",\"nodeAsSeen\":\"\",\"commitment\":\"\"}")]
    [InlineData("{\"type\":\"hello\",\"protocol\":1,\"site\":\"asha\",\"agent\":\"1\",\"stage\":\"agent\",\"nodeAsSeen\":\"zz\",\"commitment\":\"AAAA\"}")]
    public async Task A_broken_hello_is_refused(string json)
    {
        await using var node = await LoopbackNode.StartAsync();
        using var socket = await node.KnockAsync();
        await socket.SendAsync((byte[])[1, 0, 0, 0, 0, .. System.Text.Encoding.UTF8.GetBytes(json)], WebSocketMessageType.Binary, true, Ct);
        await node.RefusedAsync();
        Assert.Empty(node.Desk.Waiting());
    }

    [Fact]
    public void A_code_survives_a_bad_line()
    {
        var code = PairingCode.Parse("7kqx m2zd")!;
        Assert.Equal("7KQX-M2ZD", code.ToString());
        Assert.Equal("seven, Kilo, Quebec, X-ray, Mike, two, Zulu, Delta", code.Spelled());
        Assert.Equal("1010-0000", PairingCode.Parse("lOiO-oooo")!.ToString());
        Assert.Null(PairingCode.Parse("7KQX-M2ZU"));
    }

    [Fact]
    public void The_code_is_the_first_forty_bits_of_the_documented_hash()
    {
        // Worked by hand from the reference: SHA-256 over length-prefixed "pair", key, hash, M, N.
        using var device = SigningKey.Create();
        var seen = KeyHash.Parse(new string('a', 64));
        var (m, n) = (Enumerable.Repeat((byte)1, 32).ToArray(), Enumerable.Repeat((byte)2, 32).ToArray());
        var bytes = new MemoryStream();
        foreach (var field in new[] { "pair"u8.ToArray(), device.Public.Spki.ToArray(), Convert.FromHexString(seen.Hex), m, n })
        {
            bytes.Write(BitConverter.GetBytes(field.Length));
            bytes.Write(field);
        }
        var hash = System.Security.Cryptography.SHA256.HashData(bytes.ToArray());
        var bits = string.Concat(hash.Take(5).Select(b => Convert.ToString(b, 2).PadLeft(8, '0')));
        var expected = string.Concat(Enumerable.Range(0, 8)
            .Select(i => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[Convert.ToInt32(bits.Substring(5 * i, 5), 2)]));
        Assert.Equal($"{expected[..4]}-{expected[4..]}", PairingCode.Compute(device.Public, seen, m, n).ToString());
    }

    private static async Task<(SiteHello Hello, SiteOpen Open)> RecordAsync(LoopbackNode node, SigningKey device)
    {
        using var socket = new FrameSocket(await node.KnockAsync());
        var nonce = HelloFrames.Nonce();
        var hello = new SiteHello(1, "asha", "1.0.0", "installer", node.Key.Public.Hash.Hex, HelloFrames.Commitment(device.Public, nonce));
        await HelloFrames.SendAsync(socket, hello, Ct);
        var challenge = await HelloFrames.ExpectAsync<NodeChallenge>(socket, Ct);
        var digest = HelloFrames.SiteDigest(hello, node.Key.Public, challenge.Nonce, device.Public, nonce);
        var open = new SiteOpen(device.Public.Spki.ToArray(), nonce, device.Sign(digest));
        await HelloFrames.SendAsync(socket, open, Ct);
        await HelloFrames.ExpectAsync<NodeWelcome>(socket, Ct);
        var left = new TaskCompletionSource();
        var session = await node.SessionAsync();
        _ = session.Pending!.Decision.ContinueWith(_ => left.TrySetResult(), Ct, TaskContinuationOptions.None, TaskScheduler.Default);
        socket.Socket.Abort();
        await left.Task.WaitAsync(Ct);
        return (hello, open);
    }
}
