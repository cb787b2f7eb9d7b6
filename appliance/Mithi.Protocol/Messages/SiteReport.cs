namespace Mithi.Protocol.Messages;

/// <summary>What runs at a site and how it is.</summary>
/// <param name="Stage"><c>installer</c>, <c>first-boot</c> or <c>agent</c>.</param>
/// <param name="AgentVersion">Of mithi-site.</param>
/// <param name="System">Of the installed system's image; empty before there is one.</param>
/// <param name="Product">Empty before there is one.</param>
/// <param name="Version">The version that is live now.</param>
/// <param name="PreviousVersion">The version that a roll-back would go to, or null.</param>
/// <param name="Healthy">Whether all checks passed.</param>
/// <param name="Checks">Each health check.</param>
/// <param name="Installed">Whether the installation is complete: first boot and acceptance checks passed.</param>
/// <param name="At">By the site's clock.</param>
public sealed record SiteReport(
    string Stage,
    string AgentVersion,
    string System,
    string Product,
    string Version,
    string? PreviousVersion,
    bool Healthy,
    IReadOnlyList<HealthCheck> Checks,
    bool Installed,
    DateTimeOffset At);

/// <summary>One health check, like <c>smtp answers on port 25</c>.</summary>
public sealed record HealthCheck(string Name, bool Healthy, string Detail);
