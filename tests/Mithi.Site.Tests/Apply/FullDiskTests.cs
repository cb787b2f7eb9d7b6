using Mithi.Archive;
using Mithi.Cli;
using Mithi.Site.Apply;
using Xunit;

namespace Mithi.Site.Tests.Apply;

/// <summary>On a real small file system: an update that does not fit changes nothing, wherever the room ends.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly string _disk = Directory.CreateTempSubdirectory("mithi-disk-").FullName;

    public async ValueTask InitializeAsync()
        => await Proc.OutputAsync("mount", ["-t", "tmpfs", "-o", "size=64m", "none", _disk], new() { DebianPackage = "mount" }, Ct);

    public async ValueTask DisposeAsync()
    {
        await Proc.OutputAsync("umount", [_disk]);
        Directory.Delete(_disk);
    }

    [Fact]
    public async Task Too_little_room_is_said_before_anything_is_made()
    {
        using var server = new Server(Directory.CreateDirectory(Path.Join(_disk, "server")).FullName);
        var build = server.Pack("1.0.0");
        await server.ApplyAsync(build);
        var patch = server.Pack("1.0.0-p1", build, tree => File.WriteAllBytes(Path.Join(tree, "share/large"), new byte[40 << 20]));
        var e = await Assert.ThrowsAsync<UserException>(() => server.ApplyAsync(patch));
        Assert.Contains(" MB free, sample-1.0.0-p1.linux-x64.patch.tar.zst needs ", e.Message, StringComparison.Ordinal);
        Assert.Equal("1.0.0", server.Current);
        Assert.Equal("Abandoned", ProductStatus.Of(server.Product).LastStep);
        Assert.False(Directory.Exists(server.Product.Staging));
    }

    // Somebody else fills the disk while we work, at each point in turn; the journal has its blocks already.
    [Fact]
    public async Task A_disk_that_fills_up_at_any_point_leaves_a_version_that_runs()
    {
        using var server = new Server(Directory.CreateDirectory(Path.Join(_disk, "server")).FullName);
        var build = server.Pack("1.0.0");
        await server.ApplyAsync(build);
        var patch = server.Pack("1.0.0-p1", build, tree =>
        {
            Server.Write(tree, "etc/serve.conf", "port = 26\n");
            // The new version can't work without room, so each such point leads back, on the full disk.
            Server.Write(tree, "mithi/install", $"#!/bin/sh\n[ ! -e '{_disk}/filler' ]\n", executable: true);
            new Random(1).NextBytes(Noise);
            File.WriteAllBytes(Path.Join(tree, "share/large"), Noise);
        });
        var (failed, at) = (0, 0);
        for (var done = false; !done; at++)
        {
            var filler = new Filler(Path.Join(_disk, "filler"), at);
            try
            {
                done = await server.Engine(filler).ApplyAsync([patch], null, Ct) is ApplyResult.Done && !filler.Filled;
            }
            catch (Exception e) when (e is IOException or UserException)
            {
                failed++;
            }
            File.Delete(Path.Join(_disk, "filler"));
            Assert.Contains(server.Current, new[] { "1.0.0", "1.0.0-p1" });
            Assert.Empty(server.Verify());
            Assert.True(ApplyJournal.Read(server.Product.JournalFile)[^1].IsEnd, $"point {at}");
            Assert.Equal(server.Current == "1.0.0" ? "port = 25\n" : "port = 26\n", File.ReadAllText(Path.Join(server.Product.Config, "etc/serve.conf")));
            if (server.Current == "1.0.0-p1") await server.Engine().RollbackAsync(null, Ct);
            if (Directory.Exists(server.Product.TreeOf(ReleaseVersion.Parse("1.0.0-p1")))) Directory.Delete(server.Product.TreeOf(ReleaseVersion.Parse("1.0.0-p1")), recursive: true);
        }
        Assert.True(failed >= 1, "no point failed");
        Assert.True(at >= 15, $"{at} points");
    }

    private static readonly byte[] Noise = new byte[3 << 20];

    private sealed class Filler(string path, int at) : IFaultPoint
    {
        private int _passed;

        public bool Filled { get; private set; }

        public void Reached(string point)
        {
            if (_passed++ != at) return;
            Filled = true;
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            // To the last byte: what is left would be enough for a small file.
            for (var block = 1 << 20; block > 0; block /= 2)
            {
                try
                {
                    while (true) file.Write(new byte[block]);
                }
                catch (IOException)
                {
                    // Full: what was meant.
                }
            }
        }
    }
}
