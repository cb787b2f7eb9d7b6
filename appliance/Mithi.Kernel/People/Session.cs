using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>An open sign-in of a person, as the profile lists it.</summary>
/// <param name="UserAgent">What the browser called itself; untrusted.</param>
public sealed record Session(
    SessionId Id, string UserAgent, string Address, Instant CreatedAt, Instant SeenAt, Instant ExpiresAt);

/// <summary>A session that just began. Its secret is seen here once, for the cookie.</summary>
public sealed record NewSession(SessionId Id, string Secret, Instant ExpiresAt);
