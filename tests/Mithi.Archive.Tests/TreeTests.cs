using Mithi.Cli;
using Xunit;

namespace Mithi.Archive.Tests;

public sealed class TreeTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public void A_build_makes_its_tree()
    {
        using TempFolder tree = new(), to = new();
        Samples.Base(tree);
        var packed = ArchiveWriter.WriteFile(Samples.Build(tree), tree, to, null, Ct);
        Make(packed.Path, to["made"], null);
        Assert.Empty(TreeCheck.Compare(to["made"], packed.Manifest, true, null, Ct));
        Assert.Equal("नमस्ते\n", File.ReadAllText(to["made/share/मिथि.txt"]));
        Assert.Equal("serve", new FileInfo(to["made/bin/start"]).LinkTarget);
    }

    [Fact]
    public void A_patch_shares_what_did_not_change_and_copies_config_files()
    {
        using TempFolder one = new(), two = new(), to = new();
        Samples.Base(one);
        Samples.Patched(two);
        var whole = ArchiveWriter.WriteFile(Samples.Build(one), one, to, null, Ct);
        var patch = ArchiveWriter.WriteFile(
            PatchPlan.Between(whole.Manifest, Samples.Build(two, "1.0.0-p1"), ArchiveKind.Patch), two, to, null, Ct);
        Make(whole.Path, to["old"], null);
        Make(patch.Path, to["new"], to["old"]);

        Assert.Empty(TreeCheck.Compare(to["old"], whole.Manifest, true, null, Ct));
        Assert.Empty(TreeCheck.Compare(to["new"], patch.Manifest, true, null, Ct));
        Assert.Equal(Inode("old/share/notes.txt"), Inode("new/share/notes.txt"));
        Assert.Equal(Inode("old/share/old-name.bin"), Inode("new/share/new-name.bin"));
        Assert.NotEqual(Inode("old/etc/serve.conf"), Inode("new/etc/serve.conf"));
        Assert.Equal(new FileSource.Full(), patch.Manifest.Files.Single(file => file.Path == "etc/serve.conf").Source);

        ulong Inode(string path) => Posix.LookAt(to[path])!.Inode;
    }

    [Fact]
    public void A_patch_for_a_base_that_was_changed_is_refused()
    {
        using TempFolder one = new(), two = new(), to = new();
        Samples.Base(one);
        Samples.Patched(two);
        var plan = PatchPlan.Between(Samples.Build(one), Samples.Build(two, "1.0.0-p1"), ArchiveKind.Patch);
        var patch = ArchiveWriter.WriteFile(plan, two, to, null, Ct);
        one.Write("share/notes.txt", "changed, and longer\n");
        Assert.Equal(ArchiveFault.BaseMismatch, Assert.Throws<ArchiveException>(() => Make(patch.Path, to["new"], one)).Fault);
    }

    [Fact]
    public void Another_base_is_named()
    {
        using TempFolder one = new(), two = new();
        Samples.Base(one);
        Samples.Patched(two);
        var plan = PatchPlan.Between(Samples.Build(one), Samples.Build(two, "1.0.0-p2"), ArchiveKind.Patch);
        FullBuild.RequireBase(plan, Samples.Build(one));
        foreach (var other in new[] { Samples.Build(one, "1.0.0-p1"), Samples.Build(two), Samples.Build(one) with { Product = "other" }, null })
            Assert.Equal(ArchiveFault.BaseMismatch, Assert.Throws<ArchiveException>(() => FullBuild.RequireBase(plan, other)).Fault);
    }

    [Fact]
    public void Every_kind_of_difference_is_found()
    {
        using TempFolder tree = new();
        Samples.Base(tree);
        var manifest = Samples.Build(tree);
        foreach (var entry in manifest.Entries.Where(entry => entry is not LinkEntry))
            File.SetUnixFileMode(tree[entry.Path], (UnixFileMode)((entry as FileEntry)?.Mode ?? ((FolderEntry)entry).Mode));
        Assert.Empty(TreeCheck.Compare(tree, manifest, true, null, Ct));

        File.Delete(tree["share/empty"]);
        File.SetUnixFileMode(tree["bin/serve"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        tree.Write("share/notes.txt", "unchangeD\n");
        tree.Write("share/gone.txt", "longer than before\n");
        tree.Write("share/surplus", "?");
        File.Delete(tree["bin/start"]);
        File.CreateSymbolicLink(tree["bin/start"], "stop");
        Directory.Delete(tree["var/spool"]);
        tree.Write("var/spool", "a file now");
        Assert.Equal(
            [
                new("bin/serve", TreeFault.WrongMode), new("bin/start", TreeFault.WrongTarget), new("share/empty", TreeFault.Missing),
                new("share/gone.txt", TreeFault.WrongSize), new("share/notes.txt", TreeFault.WrongContent),
                new("share/surplus", TreeFault.NotListed), new("var/spool", TreeFault.WrongType),
            ],
            TreeCheck.Compare(tree, manifest, true, null, Ct));
        Assert.DoesNotContain(TreeCheck.Compare(tree, manifest, false, null, Ct), difference => difference.Fault == TreeFault.WrongContent);
    }

    [Fact]
    public async Task Stock_tar_reads_an_archive()
    {
        using TempFolder tree = new(), to = new();
        Samples.Base(tree);
        var packed = ArchiveWriter.WriteFile(Samples.Build(tree), tree, to, null, Ct);
        var names = (await Proc.OutputAsync("tar", ["--zstd", "-tf", packed.Path], new() { DebianPackage = "zstd" }, Ct)).Split('\n');
        Assert.Equal("manifest.json", names[0]);
        Directory.CreateDirectory(to["by-hand"]);
        await Proc.OutputAsync("tar", ["--zstd", "-xpf", packed.Path, "-C", to["by-hand"]], null, Ct);
        Assert.Empty(TreeCheck.Compare(to["by-hand/tree"], packed.Manifest, true, null, Ct));
        Assert.Equal(ManifestJson.Write(packed.Manifest), File.ReadAllBytes(to["by-hand/manifest.json"]));
        await Proc.OutputAsync("zstd", ["-t", packed.Path], new() { DebianPackage = "zstd" }, Ct);
    }

    [Fact]
    public async Task Devices_pipes_and_sockets_are_not_packed()
    {
        using TempFolder tree = new();
        Samples.Base(tree);
        await Proc.OutputAsync("mkfifo", [tree["share/pipe"]], new() { DebianPackage = "coreutils" }, Ct);
        var e = Assert.Throws<ArchiveException>(() => Samples.Build(tree));
        Assert.Equal((ArchiveFault.ForbiddenEntry, "share/pipe"), (e.Fault, e.EntryPath));
    }

    [Fact]
    public void A_file_that_changes_while_it_is_packed_leaves_nothing_behind()
    {
        using TempFolder tree = new(), to = new();
        Samples.Base(tree);
        var manifest = Samples.Build(tree);
        tree.Write("share/notes.txt", "unchangeD\n");
        var e = Assert.Throws<ArchiveException>(() => ArchiveWriter.WriteFile(manifest, tree, to, null, Ct));
        Assert.Equal((ArchiveFault.DigestMismatch, "share/notes.txt"), (e.Fault, e.EntryPath));
        Assert.Empty(Directory.GetFileSystemEntries(to));
    }

    private static void Make(string archive, string folder, string? oldTree)
    {
        using var file = File.OpenRead(archive);
        using var reader = ArchiveReader.Open(file);
        TreeBuilder.Build(reader, folder, oldTree, null, Ct);
    }
}
