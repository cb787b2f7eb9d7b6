using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel.People;

namespace Mithi.Kernel.Web;

/// <summary>How often one person, token or address may ask for what costs. A route says which of these counts for it.</summary>
/// <remarks>
/// A bucket each, full at the start: what people and programs do in bursts passes, what never ends does not. In memory, so a
/// restart forgets it. Reading pages is not limited: it costs less than counting would gain.
/// </remarks>
public static class RequestLimits
{
    private const string Write = "write", Search = "search", Api = "api", Door = "door";

    /// <summary>What a person adds by a form: tickets, replies, files.</summary>
    public static T CountsAsWrite<T>(this T routes) where T : IEndpointConventionBuilder => routes.RequireRateLimiting(Write);

    public static T CountsAsSearch<T>(this T routes) where T : IEndpointConventionBuilder => routes.RequireRateLimiting(Search);

    /// <summary>Calls of programs, by token.</summary>
    public static T CountsAsApi<T>(this T routes) where T : IEndpointConventionBuilder => routes.RequireRateLimiting(Api);

    /// <summary>What can be asked for without an account, by address; who has signed in is not counted here.</summary>
    public static T CountsAtTheDoor<T>(this T routes) where T : IEndpointConventionBuilder => routes.RequireRateLimiting(Door);

    public static IServiceCollection AddRequestLimits(this IServiceCollection services) => services.AddRateLimiter(options =>
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.AddPolicy(Write, context => Bucket(Who(context), WebLimits.WritesPerMinuteMax));
        options.AddPolicy(Search, context => Bucket(Who(context), WebLimits.SearchesPerMinuteMax));
        options.AddPolicy(Api, context => Bucket(Who(context), WebLimits.ApiCallsPerMinuteMax));
        options.AddPolicy(Door, context => context.Me().IsSignedIn ? RateLimitPartition.GetNoLimiter("")
            : Bucket(AddressGate.KeyOf(context.Connection.RemoteIpAddress), WebLimits.DoorPerMinuteMax));
        options.OnRejected = (rejected, _) =>
        {
            // The page or the problem details are written by the frame around every request, as for any other refusal.
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : WebLimits.BucketPeriod;
            rejected.HttpContext.Response.Headers.RetryAfter =
                ((int)Math.Ceiling(Math.Max(1, wait.TotalSeconds))).ToString(CultureInfo.InvariantCulture);
            return ValueTask.CompletedTask;
        };
    });

    private static RateLimitPartition<string> Bucket(string who, int perMinute) => RateLimitPartition.GetTokenBucketLimiter(who, _ => new()
    {
        TokenLimit = perMinute, TokensPerPeriod = Math.Max(1, perMinute / WebLimits.BucketPeriodsPerMinute),
        ReplenishmentPeriod = WebLimits.BucketPeriod, AutoReplenishment = true, QueueLimit = 0,
    });

    // A person is one person on however many machines; who has no account is his address, behind a proxy the one that it names.
    private static string Who(HttpContext context) => context.Me() is { IsSignedIn: true } me ? me.Proof == SignInKind.Token ? $"token:{me.ProofId}" : me.Label
        : AddressGate.KeyOf(context.Connection.RemoteIpAddress);
}
