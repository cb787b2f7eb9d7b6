using System.Text;
using Mithi.Site.Journals;
using Mithi.Site.Probe;
using Xunit;

namespace Mithi.Site.Tests.Probe;

public sealed class DiskContentTests
{
    [Fact]
    public void Zeros_at_both_ends_are_a_blank_disk() => Assert.Equal("", Describe(_ => { }).Words);

    [Fact]
    public void A_single_byte_at_the_far_end_is_something() => Assert.Equal("unknown data", Describe(disk => disk[^1] = 1).Words);

    [Theory]
    [InlineData(512, "EFI PART", "partitions (GPT)")]
    [InlineData(3, "NTFS    ", "a file system (NTFS)")]
    [InlineData(0, "LUKS", "an encrypted volume")]
    [InlineData(512, "LABELONE", "a volume group (LVM)")]
    [InlineData(0, "XFSB", "a file system (XFS)")]
    public void Common_contents_are_named(int at, string mark, string words)
        => Assert.Equal(words, Describe(disk => Encoding.ASCII.GetBytes(mark).CopyTo(disk, at)).Words);

    [Fact]
    public void A_medium_copied_to_a_stick_is_known_by_its_name()
    {
        var content = Describe(disk =>
        {
            Encoding.ASCII.GetBytes("CD001").CopyTo(disk, 32769);
            Encoding.ASCII.GetBytes("MITHI_INSTALL").CopyTo(disk, 32808);
        });

        Assert.True(content.Medium);
    }

    [Fact]
    public void An_installation_is_found_even_before_the_table_was_written()
    {
        using var folder = new TempFolder();
        var disk = folder.At("disk");
        using (var file = File.Create(disk)) file.SetLength(JournalPartition.Offset + Limits.JournalBytes + (1 << 20));
        using (var journal = Journal.Open(disk, JournalPartition.Offset)) journal.Append("p42", "", JournalKind.Installation, "x");

        using var again = File.OpenRead(disk);
        Assert.Equal("p42", DiskContent.Read(again, again.Length).Installation);
    }

    [Theory]
    [InlineData(0UL, 128U, 128U)]
    [InlineData(2UL, 4_000_000_000U, 128U)]
    [InlineData(ulong.MaxValue, 128U, 128U)]
    [InlineData(2UL, 128U, 4_000_000_000U)]
    public void A_table_that_lies_about_itself_is_no_table(ulong entries, uint count, uint size)
    {
        var disk = new byte[1 << 20];
        "EFI PART"u8.CopyTo(disk.AsSpan(512));
        BitConverter.GetBytes(entries).CopyTo(disk, 512 + 72);
        BitConverter.GetBytes(count).CopyTo(disk, 512 + 80);
        BitConverter.GetBytes(size).CopyTo(disk, 512 + 84);

        Assert.Null(Gpt.Find(disk, JournalPartition.Name));
    }

    private static DiskContent Describe(Action<byte[]> write)
    {
        var disk = new byte[4 << 20];
        write(disk);
        return DiskContent.Read(new MemoryStream(disk), disk.Length);
    }
}
