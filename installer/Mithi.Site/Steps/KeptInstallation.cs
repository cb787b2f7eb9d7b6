using System.Globalization;
using Mithi.Protocol.Commands;
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
    public long Counter => CounterOf(Journal, Plan.Id);

    /// <inheritdoc cref="Counter"/>
    public static long CounterOf(Journal journal, string planId)
        => long.TryParse(journal.Newest(planId, JournalKind.Counter), CultureInfo.InvariantCulture, out var counter) ? counter : 0;

    /// <summary>Whether the engineer stopped it and has not let it go on since.</summary>
    public bool IsStopped => WasStopped(Journal, Plan.Id);

    /// <inheritdoc cref="IsStopped"/>
    public static bool WasStopped(Journal journal, string planId) => journal.Newest(planId, JournalKind.Stopped) == "yes";

    /// <summary>Writes down what of an order must outlive a power cut, before it is carried out.</summary>
    public static void Note(Journal journal, string planId, Command order)
    {
        if (order.Order is AbortInstall or RetryStep) journal.Append(planId, "", JournalKind.Stopped, order.Order is AbortInstall ? "yes" : "no");
        journal.Append(planId, "", JournalKind.Counter, $"{order.Counter}");
    }

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
