namespace Mithi.Site;

/// <summary>Where things are on the data partition, and on the installed system.</summary>
internal static class Places
{
    /// <summary>Archives that were fetched; on the data partition.</summary>
    public const string Fetched = "mithi/fetched";

    /// <summary>Everything that changes while the system runs; on the data partition, bound to /var, so that both slots share it.</summary>
    public const string Var = "var";

    /// <summary>What the agent keeps; below the root, and below <see cref="Var"/> on the data partition.</summary>
    public const string State = "var/lib/mithi-site";

    /// <summary>Where products are installed, on the running system.</summary>
    public const string ProductRoot = "/opt/mithi";

    /// <summary>Products with all their versions; on the data partition, bound to /opt/mithi.</summary>
    public const string Products = "mithi/products";

    /// <summary>The agent's program on the installed system.</summary>
    public const string Program = "usr/bin/mithi-site";
}
