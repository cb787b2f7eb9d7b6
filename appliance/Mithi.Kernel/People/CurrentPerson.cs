using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Who asks: a signed-in person, an API token of a person or an organisation, or nobody.</summary>
/// <remarks>Handlers take it as a parameter. It is fixed for the length of a request.</remarks>
public sealed record CurrentPerson
{
    private static readonly CurrentPerson NobodyAtAll = new() { Zone = DateTimeZone.Utc };

    /// <summary>Null for the public and for an organisation's token, such as a site's.</summary>
    public PersonId? Id { get; init; }

    /// <summary>Null for the public only.</summary>
    public OrganisationId? Organisation { get; init; }

    public Role Role { get; init; } = Role.Public;

    public string Name { get; init; } = "";

    public string Email { get; init; } = "";

    /// <summary>A language of the texts: "en" or "hi".</summary>
    public string Language { get; init; } = "en";

    public required DateTimeZone Zone { get; init; }

    /// <summary>Set for an API token that carries fewer permissions than its owner.</summary>
    public FrozenSet<Permission>? Only { get; init; }

    /// <summary>How this request proved who it is; decides whether it needs a forgery token.</summary>
    public SignInKind Proof { get; init; } = SignInKind.None;

    /// <summary>How the token came along; <see cref="TokenScheme.None"/> without one.</summary>
    public TokenScheme Scheme { get; init; } = TokenScheme.None;

    /// <summary>When the session began; null without one.</summary>
    public Instant? SignedInAt { get; init; }

    /// <summary>The session or token that the request came with, for the list of sessions and the audit log.</summary>
    public long? ProofId { get; init; }

    public bool IsSignedIn => Role != Role.Public;

    public bool IsStaff => Role.IsStaff();

    /// <summary>A name for the audit log, also where there is no person.</summary>
    public string Label => Proof == SignInKind.Token && Id is null ? $"token:{ProofId}" : Id is { } id ? $"person:{id}" : "public";

    public static CurrentPerson Nobody(string language, DateTimeZone zone) => NobodyAtAll with { Language = language, Zone = zone };

    public Scope ScopeOf(Permission permission)
        => Only is null || Only.Contains(permission) ? PermissionTable.Of(Role, permission) : Scope.None;

    public bool May(Permission permission) => ScopeOf(permission) != Scope.None;

    /// <summary>How far a permission reaches, as values for a store's SQL.</summary>
    public Reach Reach(Permission permission) => People.Reach.Of(this, permission);

    public static ValueTask<CurrentPerson> BindAsync(HttpContext context) => ValueTask.FromResult(context.Me());
}

/// <summary>How a request proved who it is.</summary>
public enum SignInKind { None, Session, Token }

/// <summary>How a token came along. A program sends "Bearer" on purpose; "Basic" is kept by browsers and sent unasked.</summary>
public enum TokenScheme { None, Bearer, Basic }

public static class CurrentPersonContext
{
    /// <summary>Who asks. Set by the pipeline before any handler runs.</summary>
    public static CurrentPerson Me(this HttpContext context)
        => context.Features.Get<CurrentPerson>() ?? CurrentPerson.Nobody("en", DateTimeZone.Utc);
}
