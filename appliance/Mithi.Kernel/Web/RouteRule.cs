using Microsoft.AspNetCore.Builder;
using Mithi.Kernel.People;

namespace Mithi.Kernel.Web;

/// <summary>Who may use a route. Every route carries exactly one; a route without one answers nobody.</summary>
/// <param name="Permission">What the reader must be allowed; null with <paramref name="SignedIn"/> false opens it to everybody.</param>
/// <param name="SignedIn">Anybody with an account.</param>
/// <param name="Why">Why a route is open to everybody.</param>
public sealed record RouteRule(Permission? Permission, bool SignedIn, string Why)
{
    /// <summary>What comes is signed by a program, and no cookie counts: no form of ours can be forged into it.</summary>
    public bool IsSigned { get; init; }

    public bool Allows(CurrentPerson me) => Permission is { } needed ? me.May(needed) : !SignedIn || me.IsSignedIn;
}

public static class RouteRules
{
    /// <summary>Open to whoever has the permission; a store still decides over which things.</summary>
    public static T Needs<T>(this T routes, Permission permission) where T : IEndpointConventionBuilder
        => routes.WithMetadata(new RouteRule(permission, true, ""));

    public static T ForSignedIn<T>(this T routes) where T : IEndpointConventionBuilder
        => routes.WithMetadata(new RouteRule(null, true, ""));

    /// <summary>Open to a program without an account, whose handler checks the signature over what it sends.</summary>
    /// <param name="why">The reason, read by whoever reviews the open doors.</param>
    public static T ForSignedCalls<T>(this T routes, string why) where T : IEndpointConventionBuilder
        => routes.WithMetadata(new RouteRule(null, false, why) { IsSigned = true });

    /// <summary>Open without an account.</summary>
    /// <param name="why">The reason, read by whoever reviews the open doors.</param>
    public static T ForEverybody<T>(this T routes, string why) where T : IEndpointConventionBuilder
        => routes.WithMetadata(new RouteRule(null, false, why));
}
