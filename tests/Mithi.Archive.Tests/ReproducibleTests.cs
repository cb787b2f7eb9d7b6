using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Xunit;

namespace Mithi.Archive.Tests;

public sealed class ReproducibleTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public void The_same_tree_and_stamp_give_the_same_bytes_anywhere()
    {
        using TempFolder one = new(), two = new(), to = new();
        Samples.Base(one);
        Samples.Base(two);
        // Another umask, another order of creation, other times, another locale.
        File.SetUnixFileMode(two["share/notes.txt"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(two["share"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Delete(two["share/empty"]);
        two.Write("share/empty", "");
        File.SetLastWriteTimeUtc(two["etc/serve.conf"], DateTime.UnixEpoch);
        var first = ArchiveWriter.WriteFile(Samples.Build(one), one, to["1"], null, Ct);
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            CultureInfo.CurrentCulture.NumberFormat.NegativeSign = "~";
            var second = ArchiveWriter.WriteFile(Samples.Build(two), two, to["2"], null, Ct);
            Assert.Equal(first.Sha256, second.Sha256);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
        Assert.Equal(first.Sha256, TreeScan.Sha256(first.Path, Ct));
        Assert.Equal(new FileInfo(first.Path).Length, first.Bytes);
    }

    // Whoever changes a byte of the format, or takes another encoder, must know that rebuilt archives no longer match published ones.
    [Fact]
    public void The_bytes_are_those_of_the_manual()
    {
        using TempFolder tree = new(), to = new();
        Samples.Base(tree);
        var packed = ArchiveWriter.WriteFile(Samples.Build(tree), tree, to, null, Ct);
        Assert.Equal("f5863f82f2998166e5b538f3e11f483ed42a987a7f575086c8f94c8cd6bd1543", packed.Sha256);
    }

    [Fact]
    public async Task Many_packings_at_once_are_equal()
    {
        using TempFolder tree = new(), to = new();
        Samples.Base(tree);
        var packed = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            i => Task.Run(() => ArchiveWriter.WriteFile(Samples.Build(tree), tree, to[$"{i}"], null, Ct), Ct)));
        Assert.Single(packed.Select(archive => archive.Sha256).Distinct());
    }

    [Fact]
    public void A_full_build_rebuilt_from_base_and_patch_is_the_published_one()
    {
        using TempFolder one = new(), two = new(), to = new();
        Samples.Base(one);
        Samples.Patched(two);
        var whole = ArchiveWriter.WriteFile(Samples.Build(one), one, to, null, Ct);
        var published = ArchiveWriter.WriteFile(Samples.Build(two, "1.0.0-p1"), two, to, null, Ct);
        var patch = ArchiveWriter.WriteFile(PatchPlan.Between(whole.Manifest, published.Manifest, ArchiveKind.Patch), two, to, null, Ct);
        Assert.True(patch.Bytes < 3_000, $"{patch.Bytes} bytes for a moved and two small files");

        var rebuilt = FullBuild.Rebuild(whole.Path, patch.Path, to["rebuilt"], Ct);
        Assert.Equal(published.Sha256, rebuilt.Sha256);
        Assert.Equal(File.ReadAllBytes(published.Path), File.ReadAllBytes(rebuilt.Path));
        Assert.Equal([rebuilt.Path], Directory.GetFileSystemEntries(to["rebuilt"]));
    }

    [Fact]
    public void A_service_pack_rebuilds_its_build_too()
    {
        using TempFolder one = new(), two = new(), to = new();
        Samples.Base(one);
        Samples.Patched(two);
        var whole = ArchiveWriter.WriteFile(Samples.Build(one), one, to, null, Ct);
        var published = ArchiveWriter.WriteFile(Samples.Build(two, "1.0.0-sp1") with { Supersedes = ["1.0.0-p1"] }, two, to, null, Ct);
        var pack = ArchiveWriter.WriteFile(PatchPlan.Between(whole.Manifest, published.Manifest, ArchiveKind.ServicePack), two, to, null, Ct);
        Assert.Equal(published.Sha256, FullBuild.Rebuild(whole.Path, pack.Path, to["rebuilt"], Ct).Sha256);
    }

    [Fact]
    [SuppressMessage("Performance", "CA1861", Justification = "Read once.")]
    public void A_patch_says_how_every_file_is_got()
    {
        using TempFolder one = new(), two = new();
        Samples.Base(one);
        Samples.Patched(two);
        var patch = PatchPlan.Between(Samples.Build(one), Samples.Build(two, "1.0.0-p1"), ArchiveKind.Patch);
        var sources = patch.Files.ToDictionary(file => file.Path, file => file.Source);
        Assert.Equal(new FileSource.Full(), sources["bin/serve"]);
        Assert.Equal(new FileSource.Full(), sources["share/added.txt"]);
        Assert.Equal(new FileSource.Keep(), sources["share/notes.txt"]);
        Assert.Equal(new FileSource.Move("share/old-name.bin"), sources["share/new-name.bin"]);
        Assert.Equal(["share/gone.txt", "share/old-name.bin", "var/spool"], patch.Deleted.Select(deletion => deletion.Path));
        Assert.Equal([true, true, false], patch.Deleted.Select(deletion => deletion.Sha256 is not null));
        Assert.Equal(patch, ManifestJsonRoundTrip(patch), ManifestComparer.Bytes);
    }

    private static Manifest ManifestJsonRoundTrip(Manifest manifest) => ManifestJson.Read(ManifestJson.Write(manifest));

    private sealed class ManifestComparer : IEqualityComparer<Manifest>
    {
        public static readonly ManifestComparer Bytes = new();

        public bool Equals(Manifest? x, Manifest? y) => ManifestJson.Write(x!).AsSpan().SequenceEqual(ManifestJson.Write(y!));

        public int GetHashCode(Manifest manifest) => manifest.Version.GetHashCode();
    }
}
