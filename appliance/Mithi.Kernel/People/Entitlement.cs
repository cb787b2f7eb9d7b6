using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>That an organisation may have a product's versions, until when.</summary>
/// <param name="VersionFrom">Empty: from the first.</param>
/// <param name="VersionBelow">Empty: no end. The same as <paramref name="VersionFrom"/>: that one version.</param>
/// <param name="Channel">A release channel, such as "stable"; "*" for every one.</param>
/// <param name="UntilDate">The last day; it counts through its last moment in <paramref name="TimeZone"/>.</param>
public sealed record Entitlement(
    EntitlementId Id, OrganisationId OrganisationId, string Product, string VersionFrom, string VersionBelow, string Channel,
    LocalDate UntilDate, string TimeZone, Instant CreatedAt)
{
    public const string EveryChannel = "*";

    /// <summary>The first moment when it no longer counts: midnight after the last day, where the contract lives.</summary>
    public Instant EndsAt => (Zones.Find(TimeZone) ?? DateTimeZone.Utc).AtStartOfDay(UntilDate.PlusDays(1)).ToInstant();

    /// <summary>Whether it gives this version. One that can't be read is given by nothing.</summary>
    /// <param name="version">Null: any version.</param>
    /// <param name="channel">Null: any channel.</param>
    public bool Gives(string product, string? version, string? channel, Instant now)
        => Product == product && now < EndsAt && GivesChannel(channel) && GivesVersion(version);

    /// <summary>Whether it names one version, as it must for what was made for one customer alone.</summary>
    public bool IsOneVersion => VersionFrom.Length > 0 && VersionFrom == VersionBelow;

    /// <summary>Whether it is for this channel.</summary>
    public bool GivesChannel(string? channel) => channel is null || Channel == EveryChannel || Channel == channel;

    private bool GivesVersion(string? version)
    {
        if (version is null) return true;
        if (ProductVersion.Parse(version) is not { } asked) return false;
        if (IsOneVersion) return ProductVersion.Parse(VersionFrom) == asked;
        // A bound that can't be read closes: half a contract must not give all of it.
        if (VersionFrom.Length > 0 && !(ProductVersion.Parse(VersionFrom) is { } from && asked >= from)) return false;
        return VersionBelow.Length == 0 || (ProductVersion.Parse(VersionBelow) is { } below && asked < below);
    }
}

/// <summary>What a form or an import says of an entitlement.</summary>
public sealed record EntitlementDraft(
    string Product, string VersionFrom, string VersionBelow, string Channel, LocalDate UntilDate, string TimeZone);
