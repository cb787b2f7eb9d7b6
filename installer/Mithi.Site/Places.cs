namespace Mithi.Site;

/// <summary>Where things are on the data partition, and on the installed system.</summary>
internal static class Places
{
    /// <summary>Archives that were fetched; on the data partition.</summary>
    public const string Fetched = "mithi/fetched";

    /// <summary>What the agent keeps; on the data partition.</summary>
    public const string State = "mithi/site";

    /// <summary>Products with all their versions; on the data partition, bound to /opt/mithi.</summary>
    public const string Products = "mithi/products";

    /// <summary>The agent's program on the installed system.</summary>
    public const string Program = "usr/bin/mithi-site";
}
