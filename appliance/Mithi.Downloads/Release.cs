using Mithi.Archive;
using NodaTime;

namespace Mithi.Downloads;

/// <summary>A published archive.</summary>
/// <param name="VersionKey">Versions in their order.</param>
/// <param name="Target">product/version/name, as the signed metadata has it.</param>
/// <param name="BaseVersion">What a patch or service pack is applied to; empty for a whole build.</param>
/// <param name="Fixes">Ticket ids, one a line.</param>
public sealed record Release(long Id, string Product, string Version, long VersionKey, ArchiveKind Kind, string Platform, string Name,
    string Target, string Sha256, long Bytes, string Channel, string BaseVersion, string Fixes, string Notes, Instant PublishedAt)
{
    /// <summary>The channel of an archive that the signed metadata names and no row does, as after a restore: no entitlement names it.</summary>
    public const string Unknown = "unknown";

    public IReadOnlyList<string> FixedTickets => Fixes.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Released to everybody, and made for nobody alone.</summary>
    public bool IsForAll => Kind != ArchiveKind.Ptf && Channel == "stable";

    public string Url => $"/downloads/{Product}/{Version}/{Name}";
}
