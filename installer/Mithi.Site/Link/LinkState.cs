using Mithi.Site.Ask;

namespace Mithi.Site.Link;

/// <summary>How the site stands with its node.</summary>
internal abstract record LinkState
{
    private LinkState() { }

    /// <summary>Not connected: calling for the first time, or again.</summary>
    public sealed record Calling : LinkState;

    /// <summary>Not connected, and here is why; tried again at the time given.</summary>
    public sealed record Failing(Fault Fault, string Detail, DateTimeOffset RetryAt) : LinkState;

    /// <summary>The engineer must enter this code.</summary>
    public sealed record Pending(string Code, string Spelled) : LinkState;

    /// <summary>The node knows this machine as the site's.</summary>
    public sealed record Paired : LinkState;
}
