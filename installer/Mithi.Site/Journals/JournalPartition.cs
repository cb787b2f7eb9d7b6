namespace Mithi.Site.Journals;

/// <summary>Finds a journal on a disk without opening it for writing.</summary>
internal static class JournalPartition
{
    /// <summary>The partition's name in the table.</summary>
    public const string Name = "mithi-journal";

    /// <summary>Where it begins on every disk: behind the first MiB, the BIOS-boot partition and the ESP.</summary>
    /// <remarks>Fixed, so that a journal is found even when the power went before the table was written.</remarks>
    public const long Offset = (1 + Limits.BiosBootMib + Limits.EspMib) << 20;

    /// <summary>The newest record's installation, or null when there is no record.</summary>
    public static string? ReadPlanId(Stream disk, long length)
    {
        if (length < Offset + Limits.JournalBytes) return null;
        var records = new byte[Limits.JournalBytes];
        disk.Position = Offset;
        disk.ReadExactly(records);
        JournalRecord? newest = null;
        for (var at = 0; at < records.Length; at += Limits.JournalRecordBytes)
        {
            var record = JournalRecord.Read(records.AsSpan(at, Limits.JournalRecordBytes));
            if (record is not null && (newest is null || record.Sequence > newest.Sequence)) newest = record;
        }
        return newest?.PlanId;
    }
}
