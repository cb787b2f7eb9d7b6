using Mithi.Archive;
using Mithi.Cli;
using Mithi.ReleaseTool.OsImages;
using Xunit;

namespace Mithi.ReleaseTool.Tests.Products;

public sealed class OsImageTests(BuiltProducts products)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_is_built_once_and_the_archive_is_whole()
    {
        var image = await products.ImageAsync(Ct);
        var again = await OsImageBuild.RunAsync(BuiltProducts.Recipe, BuiltProducts.Cache, _ => { }, Ct);
        Assert.Equal((image.Path, true), (again.Path, again.FromCache));
        await using var file = File.OpenRead(image.Path);
        using var reader = ArchiveReader.Open(file);
        Assert.Equal(ArchiveKind.OsImage, reader.Manifest.Kind);
        Assert.Equal(["os-image.json", "rootfs.tar"], reader.Manifest.Files.Select(entry => entry.Path));
        reader.Verify(Ct);
        Assert.InRange(file.Length, 1, 110 << 20);
    }

    [Fact]
    public async Task An_image_built_in_another_place_is_the_same()
    {
        var image = await products.ImageAsync(Ct);
        using var tool = new Tool();
        await tool.DoneAsync("os-image", "--recipe", BuiltProducts.Recipe.FullName, "--output", tool["out"], "--cache", tool["cache"]);
        Assert.Equal(TreeScan.Sha256(image.Path, Ct), TreeScan.Sha256(tool["out/" + Path.GetFileName(image.Path)], Ct));
    }

    [Fact]
    public async Task Nothing_of_the_builder_and_nothing_that_must_differ_is_in_it()
    {
        var system = await products.SystemAsync(Ct);
        Assert.Equal("", await File.ReadAllTextAsync(Path.Join(system, "etc/machine-id"), Ct));
        Assert.Equal("mithi\n", await File.ReadAllTextAsync(Path.Join(system, "etc/hostname"), Ct));
        Assert.Equal("../run/systemd/resolve/resolv.conf", new FileInfo(Path.Join(system, "etc/resolv.conf")).LinkTarget);
        foreach (var gone in new[] { "etc/apt", "etc/ssh", "var/lib/apt", "usr/bin/apt-get", "usr/share/perl", "usr/share/man/man1", "root/.bash_history" })
            Assert.False(Path.Exists(Path.Join(system, gone)), gone);
        // The builder's name servers in a copy that systemd-resolved keeps, back-ups and locks; and the mode of its own hostname.
        Assert.DoesNotContain(Directory.GetFiles(Path.Join(system, "etc")), file => Path.GetFileName(file) is ['.', ..] or [.., '-']);
        Assert.All((string[])["etc/hostname", "etc/hosts", "etc/fstab"], ours =>
            Assert.Equal((UnixFileMode)0x1a4, File.GetUnixFileMode(Path.Join(system, ours))));
        Assert.DoesNotContain("root:$", await File.ReadAllTextAsync(Path.Join(system, "etc/shadow"), Ct));
        foreach (var boot in new[] { "boot/vmlinuz", "boot/initrd.img" })
            Assert.True(File.ResolveLinkTarget(Path.Join(system, boot), returnFinalTarget: true)?.Exists, boot);
    }

    [Fact]
    public async Task A_folder_without_a_recipe_is_the_users_mistake()
    {
        using var tool = new Tool();
        var (code, _, error) = await tool.RunAsync("os-image", "--recipe", tool.Folder, "--output", tool["out"]);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("recipe.json is not there", error);
    }

    [Fact]
    public async Task A_recipe_with_an_unknown_word_is_refused()
    {
        using var tool = new Tool();
        tool.Write("recipe.json", """{ "product": "x", "version": "1.0.0", "platform": "linux-x64", "stamp": 1, "colour": "red" }""");
        var (code, _, error) = await tool.RunAsync("os-image", "--recipe", tool.Folder, "--output", tool["out"]);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("colour", error);
    }
}
