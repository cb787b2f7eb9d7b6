using System.Security.Cryptography;
using System.Text;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Testing;
using Xunit;

namespace Mithi.Kernel.Tests.Blobs;

public sealed class BlobTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly DataFolder folder;
    private readonly BlobStore blobs;

    public BlobTests()
    {
        folder = DataFolder.Open(temp.File("data"));
        blobs = new(folder);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        folder.Dispose();
        temp.Dispose();
    }

    [Fact]
    public async Task Content_is_found_by_its_hash_and_is_as_it_was()
    {
        var content = RandomNumberGenerator.GetBytes(300_000);
        var blob = await blobs.PutAsync(new MemoryStream(content), long.MaxValue, Ct);
        Assert.Equal((BlobId.Of(SHA256.HashData(content)), 300_000), (blob.Id, blob.Bytes));
        await using var stream = blobs.OpenRead(blob.Id);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Ct);
        Assert.Equal(content, copy.ToArray());
        Assert.True(blobs.Exists(blob.Id));
        Assert.Equal(300_000, blobs.BytesOf(blob.Id));
        Assert.Equal(Path.Join(folder.Blobs, blob.Id.Sha256[..2], blob.Id.Sha256[2..]), blobs.PathOf(blob.Id));
    }

    [Fact]
    public async Task The_same_content_twice_even_at_once_is_one_file()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PutAsync("the same")));
        Assert.Single(all.Distinct());
        Assert.Equal([all[0]], blobs.All());
    }

    [Fact]
    public async Task Content_as_long_as_allowed_is_kept_and_one_byte_more_leaves_nothing()
    {
        Assert.Equal(10, (await blobs.PutAsync(new MemoryStream(new byte[10]), 10, Ct)).Bytes);
        var refused = await Assert.ThrowsAsync<BlobException>(() => blobs.PutAsync(new MemoryStream(new byte[11]), 10, Ct));
        Assert.Equal(BlobFault.TooLong, refused.Fault);
        Assert.Single(FilesBelow());
    }

    [Fact]
    public async Task Content_that_is_not_what_was_promised_leaves_nothing()
    {
        var promised = BlobId.Of(SHA256.HashData("one"u8));
        var refused = await Assert.ThrowsAsync<BlobException>(() => blobs.PutAsync(new MemoryStream("two"u8.ToArray()), 10, promised, Ct));
        Assert.Equal(BlobFault.DigestMismatch, refused.Fault);
        Assert.Empty(FilesBelow());
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing()
    {
        await Assert.ThrowsAsync<IOException>(() => blobs.PutAsync(new BrokenStream(), long.MaxValue, Ct));
        Assert.Empty(FilesBelow());
    }

    [Fact]
    public async Task What_a_killed_process_was_writing_goes_at_the_next_start()
    {
        var kept = await PutAsync("kept");
        await File.WriteAllTextAsync(Path.Join(folder.Blobs, "arriving", "half"), "ha", Ct);
        var next = new BlobStore(folder);
        Assert.Equal(2, FilesBelow().Length);   // opening it for a look takes nothing away
        next.Sweep();
        Assert.Equal([kept], next.All());
        Assert.Single(FilesBelow());
    }

    [Fact]
    public async Task A_changed_byte_is_noticed()
    {
        var blob = await PutAsync("content");
        Assert.True(await blobs.IsIntactAsync(blob.Id, Ct));
        await File.WriteAllTextAsync(blobs.PathOf(blob.Id), "Content", Ct);
        Assert.False(await blobs.IsIntactAsync(blob.Id, Ct));
    }

    [Fact]
    public void One_that_is_not_there_says_so()
    {
        var id = BlobId.Of(new byte[32]);
        Assert.False(blobs.Exists(id));
        Assert.Null(blobs.BytesOf(id));
        Assert.Equal(BlobFault.Missing, Assert.Throws<BlobException>(() => blobs.OpenRead(id)).Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../../../etc/passwd")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85")]      // 63
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550")]    // 65
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]     // upper case is a second name
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85/")]
    [InlineData("..b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85\n")]
    public void A_name_that_is_no_hash_is_never_a_path(string name)
    {
        Assert.False(BlobId.TryParse(name, null, out var id));
        Assert.Throws<InvalidOperationException>(() => blobs.PathOf(id));
    }

    private Task<Blob> PutAsync(string text) => blobs.PutAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), long.MaxValue, Ct);

    private string[] FilesBelow() => Directory.GetFiles(folder.Blobs, "*", SearchOption.AllDirectories);

    private sealed class BrokenStream : MemoryStream
    {
        private bool begun;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (begun) throw new IOException("The connection was closed.");
            begun = true;
            return new(Math.Min(buffer.Length, 1_000));
        }
    }
}
