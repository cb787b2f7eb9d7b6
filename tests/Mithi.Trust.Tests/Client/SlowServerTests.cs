using Microsoft.Extensions.Time.Testing;
using Mithi.Trust.Client;

namespace Mithi.Trust.Tests.Client;

public sealed class SlowServerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_falls_silent_is_left()
    {
        var time = new FakeTimeProvider();
        using var silent = new SilentStream();
        var read = new BoundedRead(silent, "timestamp.json", 100, time).AllAsync(Ct);
        await silent.Asked.Task;
        time.Advance(Limits.StallMax);
        Assert.Equal(TrustFault.Unreachable, (await Assert.ThrowsAsync<TrustException>(() => read)).Fault);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_left()
    {
        var time = new FakeTimeProvider();
        using var silent = new SilentHandler();
        using var http = new HttpClient(silent) { Timeout = Timeout.InfiniteTimeSpan };
        var open = new HttpFetcher(http, new Uri("http://127.0.0.1/metadata"), time).OpenAsync("timestamp.json", Ct);
        Assert.Equal("/metadata/timestamp.json", await silent.Asked.Task);
        time.Advance(Limits.AnswerMax);
        Assert.Equal(TrustFault.Unreachable, (await Assert.ThrowsAsync<TrustException>(() => open)).Fault);
    }

    [Fact]
    public async Task Whoever_asked_can_stop_waiting()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var silent = new SilentStream();
        var read = new BoundedRead(silent, "timestamp.json", 100, new FakeTimeProvider()).AllAsync(stop.Token);
        await silent.Asked.Task;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    private sealed class SilentStream : MemoryStream
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return 0;
        }
    }

    private sealed class SilentHandler : HttpMessageHandler
    {
        public TaskCompletionSource<string> Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.SetResult(request.RequestUri!.AbsolutePath);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException("nobody waits for ever");
        }
    }
}
