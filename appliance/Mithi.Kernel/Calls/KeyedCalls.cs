using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Calls;

/// <summary>Lets a program send a POST again without doing it twice: the header <c>Idempotency-Key</c> names the call.</summary>
/// <remarks>
/// Behind the route's rule, so that an answer is given again only to who may still ask. That a call was made is written in the
/// transaction of its own change: a kill leaves both or neither. The answer follows in a second transaction; a kill between the two
/// leaves a call that is refused when it comes again, with the reason, and never done twice.
/// </remarks>
public sealed class KeyedCalls
{
    public const string Header = "Idempotency-Key";

    /// <summary>Set on an answer that is given again.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    private readonly RequestDelegate next;
    private readonly Db db;
    private readonly KeptAnswerStore store;
    private readonly ConcurrentDictionary<(string Caller, string Key), bool> running = new();

    public KeyedCalls(RequestDelegate next, Db db, TimeProvider time) => (this.next, this.db, store) = (next, db, new(db, time));

    /// <summary>Whether the route takes a key: every POST for programs that is not open to everybody.</summary>
    public static bool Takes(RouteEndpoint route) => OpenApiWriter.IsApi(route) && route.Metadata.GetMetadata<RouteRule>() is { SignedIn: true }
        && route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Post) == true;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || !context.Request.Headers.TryGetValue(Header, out var sent)
            || context.GetEndpoint() is not RouteEndpoint route || !Takes(route))
        {
            await next(context);
            return;
        }
        if (sent is not [{ Length: > 0 and <= Limits.KeyCharsMax } key] || key.Any(c => c is < '!' or > '~'))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "The key can't be used.", "Idempotency-Key takes 1 to 255 visible ASCII characters, once.");
            return;
        }
        var me = context.Me();
        var call = new KeyedCall(me.Proof == SignInKind.Token ? $"token:{me.ProofId}" : me.Label, key, await HashAsync(context.Request, context.RequestAborted));
        if (!running.TryAdd((call.Caller, call.Key), true))
        {
            context.Response.Headers.RetryAfter = "1";
            await RefuseAsync(context, StatusCodes.Status409Conflict, "Still at work", "The first call with this key has not ended. Send it again in a second.");
            return;
        }
        try
        {
            await AnswerAsync(context, call);
        }
        finally
        {
            running.TryRemove((call.Caller, call.Key), out _);
        }
    }

    private async Task AnswerAsync(HttpContext context, KeyedCall call)
    {
        switch (await store.FindAsync(call, context.RequestAborted))
        {
            case KeptAnswer.Given given:
                context.Response.Headers[ReplayedHeader] = "true";
                await SendAsync(context, given);
                break;
            case KeptAnswer.OtherContent:
                await RefuseAsync(context, StatusCodes.Status422UnprocessableEntity, "The key was used", "This key was sent with something else. Take a new key for each new call.");
                break;
            case KeptAnswer.Lost:
                await RefuseAsync(context, StatusCodes.Status409Conflict, "The answer was lost",
                    "The first call with this key was cut off when it had written, so it is not done again. Look what is there, and take a new key if it has to be done.");
                break;
            case KeptAnswer.TooMany:
                await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "Too many keys", "At most 100,000 keys a day. Send it without a key, or wait.");
                break;
            default:
                await DoAsync(context, call);
                break;
        }
    }

    /// <summary>Has the call done to its end, even when its program has gone: that one asks again.</summary>
    private async Task DoAsync(HttpContext context, KeyedCall call)
    {
        var (body, aborted) = (context.Response.Body, context.RequestAborted);
        using var written = new MemoryStream();
        (context.Response.Body, context.RequestAborted) = (written, CancellationToken.None);
        context.Features.Set<IHttpMaxRequestBodySizeFeature>(new ReadBody());
        var note = new CallNote(store, call);
        try
        {
            await db.CarryAsync(note.AddAsync, () => next(context));
        }
        finally
        {
            note.End();
            (context.Response.Body, context.RequestAborted) = (body, aborted);
        }
        var answer = new KeptAnswer.Given(context.Response.StatusCode, context.Response.ContentType ?? "", written.ToArray());
        if (answer.Status < StatusCodes.Status500InternalServerError && answer.Body.Length <= Limits.AnswerBytesMax)
            await store.EndAsync(call, answer, CancellationToken.None);
        await SendAsync(context, answer);
    }

    // A status without a body gets its words from the frame around every request, now as at the first time.
    private static async Task SendAsync(HttpContext context, KeptAnswer.Given answer)
    {
        context.Response.StatusCode = answer.Status;
        if (answer.ContentType.Length > 0) context.Response.ContentType = answer.ContentType;
        if (answer.Body.Length > 0) await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, int status, string title, string detail)
        => TypedResults.Problem(title: title, detail: detail, statusCode: status, extensions: [new("requestId", context.TraceIdentifier)]).ExecuteAsync(context);

    private static async Task<byte[]> HashAsync(HttpRequest request, CancellationToken ct)
    {
        request.EnableBuffering();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // No line break is in a method or an address, so two different calls never give one text.
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.Path.ToUriComponent()}{request.QueryString}\n"));
        var part = new byte[64 << 10];
        while (await request.Body.ReadAsync(part, ct) is > 0 and var read) hash.AppendData(part, 0, read);
        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }

    // The body was read within the node's own bound; a handler that sets one of its own is not to fail because it comes too late.
    private sealed class ReadBody : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => true;

        public long? MaxRequestBodySize { get; set; }
    }
}

/// <summary>Goes along with the first change that a call commits, and with none after it or after its end.</summary>
internal sealed class CallNote(KeptAnswerStore store, KeyedCall call)
{
    private volatile bool isDone;

    public async Task AddAsync(Tx tx)
    {
        if (isDone) return;
        await store.BeginAsync(tx, call);
        tx.AfterCommit(End);
    }

    public void End() => isDone = true;
}
