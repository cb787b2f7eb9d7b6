namespace Mithi.Appliance;

/// <summary>Every bound of the web server in one place.</summary>
internal static class Limits
{
    // A form with a few attachments; uploads of archives and packs raise it for their own route.
    public const long RequestBytesMax = 32L << 20;

    // Cookies and a long address; more is an attack or a loop.
    public const int HeaderBytesMax = 32 << 10;

    // A slow reader holds a buffer, a slow header holds a connection.
    public static readonly TimeSpan HeadersMax = TimeSpan.FromSeconds(15);

    // Browsers, sites and mirrors of one node; each costs about 10 KB idle.
    public const int ConnectionsMax = 20_000;

    // A stop waits for answers under way, not for watchers.
    public static readonly TimeSpan StopMax = TimeSpan.FromSeconds(10);
}
