using System.Net.WebSockets;
using System.Text;
using Mithi.Protocol.Frames;
using Mithi.Protocol.Handshake;
using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;

namespace Mithi.Protocol.Tests;

/// <summary>An end that knows the handshake and then does what it likes.</summary>
public sealed class HostileTests
{
    private static CancellationToken Ct => LoopbackNode.Ct;

    public static TheoryData<string, ProtocolFault> Frames => new()
    {
        { "", ProtocolFault.BadFrame },
        { "08", ProtocolFault.BadFrame },
        { "00 00000000", ProtocolFault.BadFrame },
        { "0A 00000000", ProtocolFault.BadFrame },
        { "FF FFFFFFFF", ProtocolFault.BadFrame },
        { "01 00000000 7B7D", ProtocolFault.BadFrame },                                  // a hello after the welcome
        { "02 00000000 7B7D", ProtocolFault.BadStream },                                 // opens stream 0
        { "02 02000000 7B7D", ProtocolFault.BadStream },                                 // opens the node's half
        { "02 01000000 7B7D", ProtocolFault.BadMessage },                                // asks for nothing
        { "02 01000000 6E756C6C", ProtocolFault.BadMessage },                            // null
        { "03 01000000 0000000000000000 41", ProtocolFault.BadStream },                  // data on no stream
        { "03 01000000 00", ProtocolFault.BadFrame },                                    // ends before the offset
        { "03 00000000 0000000000000000 41", ProtocolFault.BadStream },                  // data on stream 0
        { "04 01000000 01000000", ProtocolFault.BadStream },                             // credit for no stream
        { "04 00000000 00000000", ProtocolFault.CreditViolated },                        // credit of nothing
        { "04 00000000 FFFFFFFF", ProtocolFault.CreditViolated },                        // credit for 4 GiB
        { "04 00000000 01", ProtocolFault.BadFrame },
        { "05 00000000", ProtocolFault.BadFrame },                                       // a goodbye without reason
        { "06 00000000 01", ProtocolFault.BadFrame },
        { "07 00000000", ProtocolFault.BadFrame },
        { "08 07000000 7B7D", ProtocolFault.BadFrame },                                  // control on a stream
        { "08 00000000", ProtocolFault.BadMessage },
        { "08 00000000 7B7D", ProtocolFault.BadMessage },                                // no type
        { "08 00000000 C328", ProtocolFault.BadMessage },                                // broken UTF-8
    };

    public static TheoryData<string> Messages =>
    [
        """{"type":"format-disk"}""",
        """{"type":"facts"}""",
        """{"type":"facts","facts":null}""",
        """{"type":"log","entries":null}""",
        """{"type":"log","entries":[{"number":"1"}]}""",
        """{"type":"log-ack","through":1e400}""",
        """{"type":"log-ack","through":1,"type":"screen"}""",
        """{"type":"steps","planId":"1","steps":[{"name":"x","state":"exploded","startedAt":null,"endedAt":null,"bytes":0,"detail":""}]}""",
        """{"type":"command","signed":{"payload":"!","signature":""}}""",
        """[]""",
        """{"type":"log-ack","through":1}{}""",
        """{"type":"log-ack","x":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]],"through":1}""",
    ];

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task A_wrong_frame_ends_the_connection_and_says_why(string hex, ProtocolFault fault)
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var hostile = await HostileSite.ConnectAsync(node);
        await hostile.SendAsync(Convert.FromHexString(hex.Replace(" ", "")));
        var goodbye = await hostile.GoodbyeAsync();
        Assert.Equal(CloseReason.ProtocolError, goodbye.Reason);
        Assert.StartsWith($"{fault}:", goodbye.Text, StringComparison.Ordinal);
        hostile.Socket.Abort();
        var end = await node.EndAsync();
        Assert.Equal((CloseReason.ProtocolError, fault, true), (end.Reason, end.Fault, end.ByUs));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_wrong_control_message_ends_the_connection(string json)
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var hostile = await HostileSite.ConnectAsync(node);
        await hostile.SendAsync([(byte)FrameKind.Control, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(json)]);
        Assert.StartsWith("BadMessage:", (await hostile.GoodbyeAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_oversized_frame_is_refused_before_it_is_held()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var hostile = await HostileSite.ConnectAsync(node);
        await hostile.SendAsync(new byte[Frame.BytesMax + 1]);
        Assert.Equal(ProtocolFault.TooLarge, await hostile.FaultAsync(node));
    }

    [Fact]
    public async Task A_text_message_is_refused()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var hostile = await HostileSite.ConnectAsync(node);
        await hostile.Socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Ct);
        Assert.Equal(ProtocolFault.BadFrame, await hostile.FaultAsync(node));
    }

    [Fact]
    public async Task A_control_message_without_end_is_refused_at_its_bound()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var hostile = await HostileSite.ConnectAsync(node);
        var part = new byte[5 + Limits.PayloadBytesMax];
        part[0] = (byte)FrameKind.ControlPart;
        part.AsSpan(5).Fill((byte)' ');
        for (var i = 0; i <= Limits.ControlBytesMax / Limits.PayloadBytesMax; i++)
            await hostile.SendAsync(part);
        Assert.Equal(ProtocolFault.TooLarge, await hostile.FaultAsync(node));
    }

    [Fact]
    public async Task Control_beyond_credit_is_refused_even_when_the_messages_are_tiny()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var hostile = await HostileSite.ConnectAsync(node);
        byte[] message = [(byte)FrameKind.Control, 0, 0, 0, 0, .. "{\"type\":\"log-ack\",\"through\":1}"u8];
        await hostile.FloodAsync(message, 2 * Limits.ControlWindow / message.Length);
        Assert.Equal(ProtocolFault.CreditViolated, await hostile.FaultAsync(node));
    }

    [Fact]
    public async Task Data_beyond_credit_is_refused()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var hostile = await HostileSite.ConnectAsync(node);
        await hostile.OpenAsync(1);
        await hostile.SendAsync([(byte)FrameKind.Data, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 65]);
        Assert.Equal(ProtocolFault.CreditViolated, await hostile.FaultAsync(node));
    }

    [Fact]
    public async Task Data_at_another_offset_is_refused()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var hostile = await HostileSite.ConnectAsync(node);
        await hostile.OpenAsync(1);
        (await hostile.Node.Connection.AcceptAsync(Ct))!.Accept(100);
        await hostile.SendAsync([(byte)FrameKind.Data, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 65]);
        Assert.Equal(ProtocolFault.BadOffset, await hostile.FaultAsync(node));
    }

    [Fact]
    public async Task A_thirty_third_stream_is_refused()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var hostile = await HostileSite.ConnectAsync(node);
        for (var i = 0; i <= Limits.StreamsMax; i++)
            await hostile.OpenAsync((byte)(2 * i + 1));
        Assert.Equal(ProtocolFault.TooManyStreams, await hostile.FaultAsync(node));
    }

    [Fact]
    public async Task A_stream_id_is_never_used_twice()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var hostile = await HostileSite.ConnectAsync(node);
        await hostile.OpenAsync(3);
        await hostile.OpenAsync(1);
        Assert.Equal(ProtocolFault.BadStream, await hostile.FaultAsync(node));
    }

    [Fact]
    public async Task What_still_comes_for_a_closed_stream_is_let_go()
    {
        await using var node = await LoopbackNode.StartAsync();
        await using var hostile = await HostileSite.ConnectAsync(node);
        await hostile.OpenAsync(1);
        await (await hostile.Node.Connection.AcceptAsync(Ct))!.DisposeAsync();
        await hostile.SendAsync([(byte)FrameKind.Data, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 65]);
        await hostile.SendAsync([(byte)FrameKind.Control, 0, 0, 0, 0, .. "{\"type\":\"log-ack\",\"through\":5}"u8]);
        Assert.Equal(new LogAckMessage(5), await hostile.Node.Connection.ReadAsync(Ct));
    }

    [Fact]
    public async Task Random_frames_never_end_otherwise_than_by_a_named_fault()
    {
        var random = new Random(20_26);
        await using var node = await LoopbackNode.StartAsync();
        for (var round = 0; round < 60; round++)
        {
            await using var hostile = await HostileSite.ConnectAsync(node);
            // A node that has found its fault drains for a while, so we do not wait for it to cut.
            for (var sent = 0; sent < 100; sent++)
            {
                var frame = new byte[random.Next(1, 40)];
                random.NextBytes(frame);
                frame[0] = (byte)random.Next(0, 12);
                for (var i = 1; i < Math.Min(5, frame.Length); i++)
                    frame[i] = (byte)(i == 1 ? random.Next(0, 4) : 0);
                if (!await hostile.TrySendAsync(frame))
                    break;
            }
            hostile.Socket.Abort();
            var end = await node.EndAsync();
            // A close frame with a random reason is a goodbye like another.
            Assert.True(end.Fault is not null || !end.ByUs, end.ToString());
        }
    }

    private sealed class HostileSite : IAsyncDisposable
    {
        private readonly FrameSocket _frames;

        private HostileSite(ClientWebSocket socket, NodeSession node)
            => (Socket, _frames, Node) = (socket, new FrameSocket(socket), node);

        public ClientWebSocket Socket { get; }
        public NodeSession Node { get; }

        public static async Task<HostileSite> ConnectAsync(LoopbackNode node)
        {
            using var device = SigningKey.Create();
            node.Sites["asha"] = new(device.Public.Hash, 0);
            var socket = await node.KnockAsync();
            // The session is not run, so that the raw socket stays ours.
            await SiteHandshake.RunAsync(socket, node.Identity(device), node.Key.Public.Hash, TimeProvider.System, Ct);
            return new(socket, await node.SessionAsync());
        }

        public Task SendAsync(byte[] message) => Socket.SendAsync(message, WebSocketMessageType.Binary, true, Ct);

        /// <summary>Waits for the goodbye, leaves, and gives what the node found.</summary>
        public async Task<ProtocolFault?> FaultAsync(LoopbackNode node)
        {
            await GoodbyeAsync();
            Socket.Abort();
            return (await node.EndAsync()).Fault;
        }

        public async Task<bool> TrySendAsync(byte[] message)
        {
            try
            {
                await SendAsync(message);
                return true;
            }
            catch (Exception gone) when (gone is WebSocketException or IOException or ObjectDisposedException)
            {
                return false;
            }
        }

        public async Task FloodAsync(byte[] message, int times)
        {
            for (var i = 0; i < times && await TrySendAsync(message); i++)
            {
            }
        }

        public Task OpenAsync(byte id) => SendAsync([(byte)FrameKind.Open, id, 0, 0, 0,
            .. "{\"name\":\"file\",\"priority\":\"bulk\",\"credit\":1000,\"details\":\"\"}"u8]);

        public async Task<CloseNotice> GoodbyeAsync()
        {
            while (await _frames.ReadAsync(Ct) is { } frame)
            {
                if (frame is { Kind: FrameKind.Close, Stream: 0 })
                    return CloseNotice.Read(frame.Payload.Span);
            }
            throw new InvalidOperationException("The node left without a goodbye.");
        }

        public ValueTask DisposeAsync()
        {
            _frames.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
