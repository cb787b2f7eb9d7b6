using System.Security.Cryptography;
using Mithi.Site.Downloads;
using Mithi.Trust;
using Mithi.Trust.Metadata;
using Xunit;

namespace Mithi.Site.Tests.Downloads;

public sealed class PieceDownloadTests : IDisposable
{
    private const int Piece = Limits.PieceBytes;
    private static readonly byte[] Bytes = RandomNumberGenerator.GetBytes(2 * Piece + 12_345);
    private readonly TempFolder _folder = new();
    private readonly SocketsHttpHandler _handler = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string File => _folder.At("image");

    public void Dispose()
    {
        _handler.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_comes_in_pieces_and_is_whole()
    {
        await using var server = await PieceServer.StartAsync(Bytes);

        await RunAsync(server);

        Assert.Equal(Bytes, System.IO.File.ReadAllBytes(File));
        Assert.Equal([0, Piece, 2 * Piece], server.Asked);
    }

    [Fact]
    public async Task What_is_there_already_is_not_fetched_again()
    {
        await using var server = await PieceServer.StartAsync(Bytes);
        System.IO.File.WriteAllBytes(File, Bytes);

        await RunAsync(server);

        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task After_a_cut_at_most_one_piece_is_fetched_again()
    {
        await using var server = await PieceServer.StartAsync(Bytes);
        server.CutAt = Piece + 1_000_000;
        await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(server));
        server.CutAt = long.MaxValue;

        await RunAsync(server);

        Assert.Equal(Bytes, System.IO.File.ReadAllBytes(File));
        Assert.Equal([0, Piece, Piece, 2 * Piece], server.Asked);
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_still_serves()
    {
        await using var server = await PieceServer.StartAsync(Bytes);
        server.KnowsRanges = false;

        await RunAsync(server);

        Assert.Equal(Bytes, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public async Task One_wrong_byte_is_refused_and_nothing_of_it_kept()
    {
        byte[] wrong = [.. Bytes];
        wrong[Piece + 7] ^= 1;
        await using var server = await PieceServer.StartAsync(wrong);

        var refused = await Assert.ThrowsAsync<TrustException>(() => RunAsync(server));

        Assert.Equal(TrustFault.DigestMismatch, refused.Fault);
        Assert.False(System.IO.File.Exists(File));
        Assert.Equal(0, new FileInfo(File + PieceDownload.PartSuffix).Length);
        server.Bytes = Bytes;
        await RunAsync(server);
        Assert.Equal(Bytes, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public async Task A_file_that_lies_there_damaged_is_replaced()
    {
        await using var server = await PieceServer.StartAsync(Bytes);
        byte[] wrong = [.. Bytes];
        wrong[^1] ^= 1;
        System.IO.File.WriteAllBytes(File, wrong);

        await RunAsync(server);

        Assert.Equal(Bytes, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public async Task A_server_that_sends_another_part_is_refused()
    {
        await using var server = await PieceServer.StartAsync(Bytes);
        server.LiesBy = 1;

        await Assert.ThrowsAsync<HttpRequestException>(() => RunAsync(server));
    }

    [Fact]
    public async Task A_server_whose_file_is_shorter_than_the_signed_one_is_refused()
    {
        await using var server = await PieceServer.StartAsync(Bytes[..(2 * Piece)]);
        server.KnowsRanges = false;

        await Assert.ThrowsAnyAsync<IOException>(() => RunAsync(server));
        Assert.False(System.IO.File.Exists(File));
    }

    private async Task RunAsync(PieceServer server)
    {
        using var http = new HttpClient(_handler, disposeHandler: false);
        var target = new Target("mithi-os/1.0.0/image", Bytes.Length, FileDigests.FromSha256(Convert.ToHexStringLower(SHA256.HashData(Bytes))), null);
        Assert.Equal(File, await new PieceDownload(http, server.Url, target, TimeProvider.System).RunAsync(File, (_, _) => { }, Ct));
    }
}
