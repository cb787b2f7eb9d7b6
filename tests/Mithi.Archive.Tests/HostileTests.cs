using System.Text;
using Xunit;
using ZstdSharp;

namespace Mithi.Archive.Tests;

/// <summary>Archives that nobody of ours wrote. Each is refused with its fault, and nothing of it reaches a tree that is used.</summary>
public sealed class HostileTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly TempFolder _tree = new();
    private readonly Manifest _manifest;
    private readonly byte[] _archive;
    private readonly byte[] _tar;

    public HostileTests()
    {
        Samples.Base(_tree);
        _manifest = Samples.Build(_tree);
        _archive = Write(_manifest);
        using var decompressor = new Decompressor();
        _tar = decompressor.Unwrap(_archive).ToArray();
    }

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void The_untouched_one_is_read() => Read(_archive);

    [Fact]
    public void Cut_anywhere_it_is_truncated()
    {
        for (var length = 1; length < _archive.Length; length += 997)
            Assert.Contains(Fault(_archive[..length]), new[] { ArchiveFault.Truncated, ArchiveFault.Damaged });
        Assert.Equal(ArchiveFault.Truncated, Fault(_archive[..^1]));
        Assert.Equal(ArchiveFault.NotAnArchive, Fault([]));
    }

    [Fact]
    public void Cut_on_any_block_of_the_tar_it_is_truncated()
    {
        for (var length = 0; length < _tar.Length; length += 512)
            Assert.Equal(ArchiveFault.Truncated, Fault(Compress(_tar[..length])));
    }

    [Fact]
    public void A_flipped_bit_is_refused_wherever_it_is()
    {
        for (var at = 0; at < _archive.Length; at += 613)
        {
            var broken = _archive.ToArray();
            broken[at] ^= 0x10;
            Assert.Throws<ArchiveException>(() => Read(broken));
        }
    }

    [Fact]
    public void A_flipped_bit_inside_is_refused_wherever_it_is()
    {
        for (var at = 0; at < _tar.Length; at += 401)
        {
            var broken = _tar.ToArray();
            broken[at] ^= 0x01;
            Assert.Throws<ArchiveException>(() => Read(Compress(broken)));
        }
    }

    [Fact]
    public void Another_kind_of_file_is_no_archive()
    {
        Assert.Equal(ArchiveFault.NotAnArchive, Fault("PK\u0003\u0004 a zip"u8.ToArray()));
        Assert.Equal(ArchiveFault.NotAnArchive, Fault(Compress(Tar([("readme.txt", '0', "hello"u8.ToArray())]))));
        Assert.Equal(ArchiveFault.NotAnArchive, Fault(Compress(Tar([("manifest.json", '5', [])]))));
    }

    [Fact]
    public void What_follows_the_end_is_refused()
    {
        Assert.Equal(ArchiveFault.TrailingData, Fault(Compress([.. _tar, 0])));
        Assert.Equal(ArchiveFault.TrailingData, Fault([.. _archive, .. Compress("more"u8.ToArray())]));
        Assert.Contains(Fault([.. _archive, 1, 2, 3, 4]), new[] { ArchiveFault.Damaged, ArchiveFault.TrailingData, ArchiveFault.Truncated });
    }

    [Fact]
    public void Entries_in_another_order_are_refused()
    {
        var blocks = Entries();
        (blocks[3], blocks[4]) = (blocks[4], blocks[3]);
        Assert.Equal(ArchiveFault.Reordered, Fault(Compress(Join(blocks))));
    }

    [Fact]
    public void An_entry_left_out_is_refused()
    {
        var blocks = Entries();
        blocks.RemoveAt(5);
        Assert.Equal(ArchiveFault.Reordered, Fault(Compress(Join(blocks))));
    }

    [Fact]
    public void An_entry_twice_is_refused()
    {
        var blocks = Entries();
        blocks.Insert(4, blocks[3]);
        Assert.Equal(ArchiveFault.Duplicate, Fault(Compress(Join(blocks))));
    }

    [Theory]
    [InlineData("tree/zz-extra", '0', ArchiveFault.NotInManifest)]
    [InlineData("tree/../../etc/passwd", '0', ArchiveFault.PathEscapes)]
    [InlineData("/etc/passwd", '0', ArchiveFault.PathEscapes)]
    [InlineData("etc/passwd", '2', ArchiveFault.PathEscapes)]
    [InlineData("tree/bin", '1', ArchiveFault.ForbiddenEntry)]
    [InlineData("tree/bin", '3', ArchiveFault.ForbiddenEntry)]
    [InlineData("tree/bin", '4', ArchiveFault.ForbiddenEntry)]
    [InlineData("tree/bin", '6', ArchiveFault.ForbiddenEntry)]
    [InlineData("tree/bin", 'L', ArchiveFault.ForbiddenEntry)]
    [InlineData("tree/bin", 'g', ArchiveFault.ForbiddenEntry)]
    [InlineData("tree/bin", '2', ArchiveFault.HeaderMismatch)]
    public void A_foreign_entry_is_refused(string name, char type, ArchiveFault fault)
    {
        var blocks = Entries();
        blocks.Insert(1, Entry(name, type, []));
        Assert.Equal(fault, Fault(Compress(Join(blocks))));
    }

    [Fact]
    public void A_foreign_entry_behind_the_last_is_refused()
    {
        var blocks = Entries();
        blocks.Insert(blocks.Count - 1, Entry("tree/zz-extra", '0', []));
        Assert.Equal(ArchiveFault.NotInManifest, Fault(Compress(Join(blocks))));
        blocks[^2] = Entry("tree/zz-device", '3', []);
        Assert.Equal(ArchiveFault.ForbiddenEntry, Fault(Compress(Join(blocks))));
    }

    [Fact]
    public void A_manifest_that_lies_about_a_content_is_refused()
    {
        var lie = _manifest with { Entries = [.. _manifest.Entries.Select(entry => entry is FileEntry { Path: "etc/serve.conf" } file ? file with { Sha256 = new string('0', 64) } : entry)] };
        Assert.Equal(ArchiveFault.DigestMismatch, Fault(WithManifest(ManifestJson.Write(lie))));
    }

    [Fact]
    public void A_manifest_that_lies_about_a_size_is_refused()
    {
        var lie = _manifest with { Entries = [.. _manifest.Entries.Select(entry => entry is FileEntry { Path: "etc/serve.conf" } file ? file with { Size = file.Size + 1 } : entry)] };
        Assert.Equal(ArchiveFault.HeaderMismatch, Fault(WithManifest(ManifestJson.Write(lie))));
    }

    // Ten thousand times smaller than what it unpacks to; the reader stops where the manifest says that the file ends.
    [Fact]
    public void A_bomb_is_read_no_further_than_its_manifest()
    {
        var blocks = Entries();
        var bomb = Compress([.. Join(blocks)[..^1024], .. Entry("tree/zz-bomb", '0', new byte[64 << 20])]);
        Assert.True(bomb.Length < 400_000);
        var before = GC.GetTotalAllocatedBytes();
        Assert.Equal(ArchiveFault.NotInManifest, Fault(bomb));
        Assert.True(GC.GetTotalAllocatedBytes() - before < 32 << 20);
    }

    [Fact]
    public void A_manifest_too_large_is_refused_before_it_is_read()
    {
        var header = Entry("manifest.json", '0', []);
        Encoding.ASCII.GetBytes(Convert.ToString(Limits.ManifestBytesMax + 1, 8).PadLeft(11, '0')).CopyTo(header, 124);
        Assert.Equal(ArchiveFault.LimitExceeded, Fault(Compress(header)));
    }

    [Fact]
    public void A_window_past_the_bound_is_refused()
    {
        // A frame header that asks for 1 GiB of window: magic, descriptor, window descriptor (exponent 20), an empty last block.
        byte[] frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x01, 0x00, 0x00];
        Assert.Equal(ArchiveFault.Damaged, Fault(frame));
    }

    [Fact]
    public void An_unknown_format_asks_for_an_update()
        => Assert.Equal(ArchiveFault.VersionTooNew, Fault(WithManifest(Replace("\"format\": 1", "\"format\": 2"))));

    [Fact]
    public void An_unknown_source_asks_for_an_update()
        => Assert.Equal(ArchiveFault.UnknownSource, Fault(WithManifest(Replace("\"kind\": \"full\"", "\"kind\": \"zstd-ref\", \"from\": \"x\""))));

    [Theory]
    [InlineData("\"product\": \"sample-server\"", "\"product\": \"sample-server\", \"extra\": 1")]
    [InlineData("\"product\": \"sample-server\"", "\"product\": \"sample-server\", \"product\": \"sample-server\"")]
    [InlineData("\"product\": \"sample-server\"", "\"product\":  \"sample-server\"")]
    [InlineData("\"product\": \"sample-server\"", "\"product\": \"\\u0073ample-server\"")]
    [InlineData("\"product\": \"sample-server\"", "\"product\": null")]
    [InlineData("\"product\": \"sample-server\"", "\"product\": 5")]
    [InlineData("\"product\": \"sample-server\",", "")]
    [InlineData("\"supersedes\": [],", "")]
    [InlineData("\"supersedes\": []", "\"supersedes\": null")]
    [InlineData("\"supersedes\": []", "\"supersedes\": [null]")]
    [InlineData("\"entries\": [", "\"entries\": [null,")]
    [InlineData("\"notes\": \"N", "\"nots\": \"N")]
    [InlineData("\"kind\": \"build\"", "\"kind\": \"Build\"")]
    [InlineData("\"version\": \"1.0.0\"", "\"version\": \"1.0\"")]
    [InlineData("\"mode\": \"0755\"", "\"mode\": \"04755\"")]
    [InlineData("\"mode\": \"0755\"", "\"mode\": \"0759\"")]
    [InlineData("\"type\": \"folder\"", "\"type\": \"device\"")]
    [InlineData("{\n", "// a comment\n{\n")]
    [InlineData("\"format\": 1", "\"format\": 1.0")]
    public void A_manifest_of_another_spelling_is_refused(string ours, string theirs)
        => Assert.Equal(ArchiveFault.ManifestMalformed, Fault(WithManifest(Replace(ours, theirs))));

    [Fact]
    public void A_manifest_nested_without_end_is_refused()
        => Assert.Equal(ArchiveFault.ManifestMalformed, Fault(WithManifest(Encoding.ASCII.GetBytes("{\"format\": 1, \"a\": " + new string('[', 100_000)))));

    [Fact]
    public void A_manifest_of_broken_text_is_refused()
    {
        var bytes = ManifestJson.Write(_manifest);
        bytes[bytes.AsSpan().IndexOf("quoted"u8)] = 0xff;
        Assert.Equal(ArchiveFault.ManifestMalformed, Fault(WithManifest(bytes)));
    }

    private static ArchiveFault Fault(byte[] archive) => Assert.Throws<ArchiveException>(() => Read(archive)).Fault;

    private static void Read(byte[] archive)
    {
        using var reader = ArchiveReader.Open(new MemoryStream(archive));
        reader.Verify(Ct);
    }

    private byte[] Write(Manifest manifest)
    {
        using var to = new MemoryStream();
        ArchiveWriter.Write(manifest, file => File.OpenRead(_tree[file.Path]), to, null, Ct);
        return to.ToArray();
    }

    private byte[] Replace(string ours, string theirs)
    {
        var text = Encoding.UTF8.GetString(ManifestJson.Write(_manifest));
        var at = text.IndexOf(ours, StringComparison.Ordinal);
        Assert.True(at >= 0, ours);
        return Encoding.UTF8.GetBytes(text[..at] + theirs + text[(at + ours.Length)..]);
    }

    private byte[] WithManifest(byte[] manifest)
    {
        var blocks = Entries();
        blocks[0] = [.. TarHeader.OfManifest(manifest.Length, Samples.Stamp), .. manifest, .. new byte[TarHeader.Padding(manifest.Length)]];
        return Compress(Join(blocks));
    }

    // The tar cut into its entries (an extended header stays with what it extends), the end as the last one.
    private List<byte[]> Entries()
    {
        var entries = new List<byte[]>();
        var (start, at) = (0, 0);
        while (_tar[at] != 0)
        {
            var (_, type, size) = TarHeader.Describe(_tar.AsSpan(at, 512));
            at += 512 + (int)size + TarHeader.Padding(size);
            if (type == 'x') continue;
            entries.Add(_tar[start..at]);
            start = at;
        }
        entries.Add(_tar[at..]);
        return entries;
    }

    private static byte[] Join(IEnumerable<byte[]> entries) => [.. entries.SelectMany(entry => entry)];

    private static byte[] Tar((string Name, char Type, byte[] Content)[] entries)
        => [.. entries.SelectMany(entry => Entry(entry.Name, entry.Type, entry.Content)), .. new byte[1024]];

    private static byte[] Entry(string name, char type, byte[] content)
    {
        var header = TarHeader.OfManifest(content.Length, Samples.Stamp);
        header.AsSpan(0, 100).Clear();
        Encoding.UTF8.GetBytes(name).CopyTo(header, 0);
        header[156] = (byte)type;
        return [.. header, .. content, .. new byte[TarHeader.Padding(content.Length)]];
    }

    private static byte[] Compress(byte[] tar)
    {
        using var compressor = new Compressor();
        return compressor.Wrap(tar).ToArray();
    }
}
