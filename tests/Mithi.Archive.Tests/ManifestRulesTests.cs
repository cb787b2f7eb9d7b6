using Xunit;

namespace Mithi.Archive.Tests;

public sealed class ManifestRulesTests
{
    private static readonly string Digest = new('a', 64);

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../x")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("a\tb")]
    [InlineData("a\0b")]
    [InlineData("a\u001b[2Jb")]
    [InlineData("a\u0085b")]
    [InlineData("a\ud800b")]
    public void A_path_that_is_not_plain_is_refused(string path) => Refused(ArchiveFault.PathEscapes, AFile(path));

    [Fact]
    public void Long_paths_and_names_are_refused()
    {
        Refused(ArchiveFault.PathEscapes, AFile(new string('x', Limits.NameBytesMax + 1)));
        Refused(ArchiveFault.PathEscapes, AFile(string.Join('/', Enumerable.Repeat("abcdefghi", 103))));
        Refused(ArchiveFault.PathEscapes, AFile(new string('थ', 86)));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../x")]
    [InlineData("x/../../y")]
    [InlineData("x/..")]
    [InlineData("./x")]
    [InlineData("")]
    [InlineData("x//y")]
    [InlineData("x\n")]
    public void A_link_at_the_root_that_may_lead_out_is_refused(string target)
        => Refused(ArchiveFault.LinkEscapes, new LinkEntry { Path = "link", Target = target });

    // The kernel goes s -> a, then two up: out of the tree, though the text of the target stays in it.
    [Fact]
    public void A_link_that_climbs_behind_another_link_is_refused()
        => Refused(ArchiveFault.LinkEscapes, AFolder("a"), AFolder("p"), AFolder("p/q"),
            new LinkEntry { Path = "p/q/s", Target = "../../a" }, new LinkEntry { Path = "p/q/t", Target = "s/../.." });

    [Fact]
    public void A_link_within_the_tree_is_taken()
        => Require(AFolder("a"), AFolder("a/b"), new LinkEntry { Path = "a/b/link", Target = "../../c/d" });

    [Fact]
    public void Nothing_stands_behind_a_link_or_a_file()
    {
        Refused(ArchiveFault.ManifestInconsistent, new LinkEntry { Path = "a", Target = "b" }, AFile("a/x"));
        Refused(ArchiveFault.ManifestInconsistent, AFile("a"), AFile("a/x"));
        Refused(ArchiveFault.ManifestInconsistent, AFile("a/x"));
    }

    [Fact]
    public void Doubled_unordered_and_case_colliding_entries_are_refused()
    {
        Refused(ArchiveFault.Duplicate, AFile("a"), AFile("a"));
        Refused(ArchiveFault.Duplicate, AFolder("a"), AFile("a"));
        Refused(ArchiveFault.ManifestInconsistent, AFile("b"), AFile("a"));
        Refused(ArchiveFault.CaseCollision, AFile("README"), AFile("readme"));
        Refused(ArchiveFault.CaseCollision, AFolder("Lib"), AFile("Lib/x"), AFolder("lib"), AFile("lib/y"));
    }

    [Fact]
    public void The_order_is_that_of_utf8_bytes()
    {
        string[] ordered = ["a", "a.txt", "a/b", "z", "थ", "\uff61", "\U0001f600"];
        Assert.Equal(ordered, ordered.Reverse().Order(TreePath.Order));
        Assert.Equal(ordered, ordered.OrderBy(path => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(path)), StringComparer.Ordinal));
    }

    [Fact]
    public void Sizes_and_digests_are_checked()
    {
        Refused(ArchiveFault.ManifestInconsistent, AFile("a") with { Size = -1 });
        Refused(ArchiveFault.LimitExceeded, AFile("a") with { Size = Limits.TreeBytesMax }, AFile("b") with { Size = 1 });
        Refused(ArchiveFault.LimitExceeded, AFile("a") with { Size = long.MaxValue }, AFile("b") with { Size = long.MaxValue });
        Refused(ArchiveFault.ManifestInconsistent, AFile("a") with { Sha256 = Digest.ToUpperInvariant() });
        Refused(ArchiveFault.ManifestInconsistent, AFile("a") with { Mode = 0x9ed });   // 04755: set-user-id
        Refused(ArchiveFault.ManifestInconsistent, AFile("a") with { Mode = 0 });
    }

    [Fact]
    public void A_whole_archive_leans_on_nothing()
    {
        Refused(ArchiveFault.ManifestInconsistent, AFile("a") with { Source = new FileSource.Keep() });
        Refused(ArchiveFault.ManifestInconsistent, Build() with { Base = new(ReleaseVersion.Parse("0.9.0"), Digest) });
        Refused(ArchiveFault.ManifestInconsistent, Build() with { Deleted = [new("a", null)] });
    }

    [Theory]
    [InlineData(ArchiveKind.Patch, "1.0.0-p1", "1.0.0", true)]
    [InlineData(ArchiveKind.Patch, "1.0.0-p2", "1.0.0-p1", true)]
    [InlineData(ArchiveKind.Patch, "1.0.0-sp1-p1", "1.0.0-sp1", true)]
    [InlineData(ArchiveKind.ServicePack, "1.0.0-sp2", "1.0.0", true)]
    [InlineData(ArchiveKind.Patch, "1.0.0-p1", "1.0.0-p1", false)]
    [InlineData(ArchiveKind.Patch, "1.0.0-p1", "1.0.0-p2", false)]
    [InlineData(ArchiveKind.Patch, "1.0.1-p1", "1.0.0", false)]
    [InlineData(ArchiveKind.Patch, "1.0.0-sp1-p1", "1.0.0", false)]
    [InlineData(ArchiveKind.Patch, "1.0.1", "1.0.0", false)]
    [InlineData(ArchiveKind.ServicePack, "1.0.0-sp2", "1.0.0-sp1", false)]
    [InlineData(ArchiveKind.ServicePack, "1.0.0-sp1-p1", "1.0.0", false)]
    public void A_kind_fits_its_version_and_base(ArchiveKind kind, string version, string from, bool fits)
    {
        var manifest = Build() with { Kind = kind, Version = ReleaseVersion.Parse(version), Base = new(ReleaseVersion.Parse(from), Digest) };
        if (fits) ManifestRules.Require(manifest);
        else Refused(ArchiveFault.ManifestInconsistent, manifest);
        Refused(ArchiveFault.ManifestInconsistent, manifest with { Base = null });
    }

    [Fact]
    public void Heads_are_checked()
    {
        Refused(ArchiveFault.ManifestInconsistent, Build() with { Product = "../x" });
        Refused(ArchiveFault.ManifestInconsistent, Build() with { Platform = "linux" });
        Refused(ArchiveFault.ManifestInconsistent, Build() with { Stamp = -1 });
        Refused(ArchiveFault.ManifestInconsistent, Build() with { Requires = ["newest"] });
        Refused(ArchiveFault.ManifestInconsistent, Build() with { Fixes = ["1\n2"] });
        Refused(ArchiveFault.ManifestInconsistent, Build() with { MinimumInstaller = "?" });
        Refused(ArchiveFault.LimitExceeded, Build() with { Notes = new string('x', Limits.NotesCharsMax + 1) });
        Refused(ArchiveFault.LimitExceeded, Build() with { Fixes = [.. Enumerable.Range(0, Limits.ListItemsMax + 1).Select(i => $"{i}")] });
        Refused(ArchiveFault.LimitExceeded, [.. Enumerable.Range(0, Limits.EntriesMax + 1).Select(i => AFile($"{i:d6}"))]);
    }

    // Every language stays readable by hand, and a later runtime with more characters spells it the same.
    [Fact]
    public void Only_what_json_must_is_escaped()
    {
        var notes = "नमस्ते <&> ' \u2028 \u007f \ufdd0 \ue000 \U0001f600 \" \\ \n \t \u0001 \u001f";
        var spelled = ManifestJson.Write(Build() with { Notes = notes });
        Assert.Contains("\"notes\": \"नमस्ते <&> ' \u2028 \u007f \ufdd0 \ue000 \U0001f600 \\\" \\\\ \\n \\t \\u0001 \\u001f\"", System.Text.Encoding.UTF8.GetString(spelled), StringComparison.Ordinal);
        Assert.Equal(notes, ManifestJson.Read(spelled).Notes);
    }

    [Fact]
    public void Moves_and_deletions_name_plain_paths()
    {
        var patch = Build() with { Kind = ArchiveKind.Patch, Version = ReleaseVersion.Parse("1.0.0-p1"), Base = new(ReleaseVersion.Parse("1.0.0"), Digest) };
        Refused(ArchiveFault.PathEscapes, patch with { Entries = [AFile("a") with { Source = new FileSource.Move("../../etc/shadow") }] });
        Refused(ArchiveFault.PathEscapes, patch with { Deleted = [new("../x", Digest)] });
        Refused(ArchiveFault.ManifestInconsistent, patch with { Entries = [AFile("a")], Deleted = [new("a", Digest)] });
        Refused(ArchiveFault.ManifestInconsistent, patch with { Deleted = [new("b", null), new("a", null)] });
        Refused(ArchiveFault.ManifestInconsistent, patch with { Deleted = [new("a", "no digest")] });
    }

    private static FileEntry AFile(string path) => new() { Path = path, Mode = 0x1a4, Size = 1, Sha256 = Digest, Source = new FileSource.Full() };

    private static FolderEntry AFolder(string path) => new() { Path = path, Mode = 0x1ed };

    private static Manifest Build(params ManifestEntry[] entries) => new()
    {
        Product = "sample",
        Version = ReleaseVersion.Parse("1.0.0"),
        Platform = "linux-x64",
        Kind = ArchiveKind.Build,
        Stamp = 0,
        Entries = entries,
    };

    private static void Require(params ManifestEntry[] entries) => ManifestRules.Require(Build(entries));

    private static void Refused(ArchiveFault fault, params ManifestEntry[] entries) => Refused(fault, Build(entries));

    private static void Refused(ArchiveFault fault, Manifest manifest)
        => Assert.Equal(fault, Assert.Throws<ArchiveException>(() => ManifestRules.Require(manifest)).Fault);
}
