using System.Globalization;
using Mithi.Protocol.Messages;
using Mithi.Protocol.Stamp;
using Mithi.Site.Journals;
using Mithi.Site.Link;
using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>An installation of this site that a disk's journal knows: it goes on, or is finished.</summary>
internal sealed record KeptInstallation(DiskFact Disk, Journal Journal, InstallationRecord Record, InstallPlan Plan) : IDisposable
{
    /// <summary>The highest counter of an order that was taken.</summary>
    public long Counter
        => long.TryParse(Journal.Newest(Plan.Id, JournalKind.Counter), CultureInfo.InvariantCulture, out var counter) ? counter : 0;

    /// <summary>Null when no disk has one of this site that can be read back to the very plan that was approved.</summary>
    public static KeptInstallation? Find(Facts facts, SiteStamp stamp, SiteLog log)
    {
        foreach (var disk in facts.Disks.Where(disk => disk is { Installation: not null, Removable: false, BootMedium: false }))
        {
            var journal = Journal.Open($"/dev/{disk.Name}", JournalPartition.Offset);
            if (Read(journal, disk, stamp, log) is { } kept) return kept;
            journal.Dispose();
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => Journal.Dispose();

    private static KeptInstallation? Read(Journal journal, DiskFact disk, SiteStamp stamp, SiteLog log)
    {
        var id = journal.PlanId!;
        if (InstallationRecord.Read(journal.Newest(id, JournalKind.Installation)) is not { } record) return null;
        if (record.Site != stamp.Site)
        {
            log.Warning("", $"the disk {disk.Serial} holds an installation of another site");
            return null;
        }
        var plan = InstallPlan.For(id, record.Facts, record.Sheet);
        if (plan.Digest == record.Digest) return new(disk, journal, record, plan);
        log.Warning("", $"the journal on {disk.Serial} gives another plan than the one that was approved");
        return null;
    }
}
