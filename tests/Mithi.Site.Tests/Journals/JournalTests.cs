using Mithi.Site.Journals;
using Xunit;

namespace Mithi.Site.Tests.Journals;

public sealed class JournalTests : IDisposable
{
    private const int Record = Limits.JournalRecordBytes;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_empty_journal_knows_nothing()
    {
        using var journal = Journal.Open(Disk(64), 0);

        Assert.Null(journal.PlanId);
        Assert.Empty(journal.StagesDone("p1"));
    }

    [Fact]
    public void What_was_written_is_there_after_a_reset()
    {
        var disk = Disk(64);
        using (var journal = Journal.Open(disk, 0))
        {
            journal.Append("p1", "", JournalKind.Installation, "key and sheet");
            journal.Append("p1", "PART", JournalKind.Began);
            journal.Append("p1", "PART", JournalKind.Done);
            journal.Append("p1", "MKFS", JournalKind.Began);
        }

        using var again = Journal.Open(disk, 0);
        Assert.Equal("p1", again.PlanId);
        Assert.Equal(["PART"], again.StagesDone("p1"));
        Assert.Equal("key and sheet", again.Newest("p1", JournalKind.Installation));
    }

    [Fact]
    public void A_long_text_comes_back_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 4_000).Select(i => $"{i},"));
        var disk = Disk(64);
        using (var journal = Journal.Open(disk, 0)) journal.Append("p1", "", JournalKind.Installation, text);

        using var again = Journal.Open(disk, 0);
        Assert.Equal(text, again.Newest("p1", JournalKind.Installation));
    }

    [Fact]
    public void A_record_torn_by_a_power_cut_counts_as_never_written()
    {
        var disk = Disk(64);
        using (var journal = Journal.Open(disk, 0))
        {
            journal.Append("p1", "PART", JournalKind.Done);
            journal.Append("p1", "MKFS", JournalKind.Done);
        }
        Overwrite(disk, Record + 512, new byte[Record - 512]);   // Its first sector arrived, the others did not.

        using var again = Journal.Open(disk, 0);
        Assert.Equal(["PART"], again.StagesDone("p1"));
        again.Append("p1", "MKFS", JournalKind.Done);
        Assert.Equal(["PART", "MKFS"], again.StagesDone("p1"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(68)]
    [InlineData(72)]
    [InlineData(100)]
    [InlineData(Record - 1)]
    public void A_record_with_one_wrong_bit_is_refused(int at)
    {
        var disk = Disk(64);
        using (var journal = Journal.Open(disk, 0)) journal.Append("p1", "PART", JournalKind.Done, "x");
        var bytes = File.ReadAllBytes(disk);
        bytes[at] ^= 1;
        File.WriteAllBytes(disk, bytes);

        using var again = Journal.Open(disk, 0);
        Assert.Null(again.PlanId);
    }

    [Fact]
    public void A_text_cut_between_two_parts_leaves_the_one_before_it()
    {
        var disk = Disk(64);
        using (var journal = Journal.Open(disk, 0))
        {
            journal.Append("p1", "", JournalKind.Installation, "the first");
            journal.Append("p1", "", JournalKind.Installation, new string('x', 3 * JournalRecord.DetailBytesMax));
        }
        Overwrite(disk, 3 * Record, new byte[Record]);   // The last of three parts.

        using var again = Journal.Open(disk, 0);
        Assert.Equal("the first", again.Newest("p1", JournalKind.Installation));
    }

    [Fact]
    public void What_still_counts_outlives_the_ring()
    {
        var disk = Disk(600);
        var text = new string('k', 2 * JournalRecord.DetailBytesMax + 5);
        using (var journal = Journal.Open(disk, 0))
        {
            journal.Append("p1", "", JournalKind.Installation, text);
            journal.Append("p1", "", JournalKind.Counter, "41");
            journal.Append("p1", "PART", JournalKind.Done);
            for (var i = 0; i < 1_500; i++) journal.Append("p1", "FETCH_OS", JournalKind.Failed, $"{i}");
        }

        using var again = Journal.Open(disk, 0);
        Assert.Equal(text, again.Newest("p1", JournalKind.Installation));
        Assert.Equal("41", again.Newest("p1", JournalKind.Counter));
        Assert.Equal(["PART"], again.StagesDone("p1"));
        Assert.Equal("1499", again.Newest("p1", JournalKind.Failed));
    }

    [Fact]
    public void What_is_replaced_is_nowhere_on_the_disk_any_more()
    {
        var disk = Disk(64);
        using (var journal = Journal.Open(disk, 0))
        {
            journal.Append("p1", "", JournalKind.Installation, "secret" + new string('k', JournalRecord.DetailBytesMax));
            journal.Append("p1", "PART", JournalKind.Done);
            journal.Replace("p1", JournalKind.Installation, "nothing");
        }

        Assert.DoesNotContain("secret", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(disk)), StringComparison.Ordinal);
        Assert.DoesNotContain("kkkk", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(disk)), StringComparison.Ordinal);
        using var again = Journal.Open(disk, 0);
        Assert.Equal("nothing", again.Newest("p1", JournalKind.Installation));
        Assert.Equal(["PART"], again.StagesDone("p1"));
    }

    [Fact]
    public void Another_installation_begins_with_nothing_done()
    {
        var disk = Disk(64);
        using var journal = Journal.Open(disk, 0);
        journal.Append("p1", "PART", JournalKind.Done);
        journal.Append("p2", "", JournalKind.Installation, "new");

        Assert.Equal("p2", journal.PlanId);
        Assert.Empty(journal.StagesDone("p2"));
        Assert.Null(journal.Newest("p2", JournalKind.Counter));
    }

    [Fact]
    public void A_journal_inside_a_disk_leaves_what_is_around_it_alone()
    {
        var disk = Disk(64);
        Overwrite(disk, 0, [1, 2, 3]);
        using (var journal = Journal.Open(disk, 8 * Record)) journal.Append("p1", "PART", JournalKind.Done);

        Assert.Equal([1, 2, 3], File.ReadAllBytes(disk)[..3]);
        using var again = Journal.Open(disk, 8 * Record);
        Assert.Equal("p1", again.PlanId);
    }

    private string Disk(int records)
    {
        var path = _folder.At($"disk{records}");
        File.WriteAllBytes(path, new byte[records * Record]);
        return path;
    }

    private static void Overwrite(string disk, long at, byte[] bytes)
    {
        using var file = new FileStream(disk, FileMode.Open, FileAccess.Write);
        file.Position = at;
        file.Write(bytes);
    }
}
