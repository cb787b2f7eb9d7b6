namespace Mithi.Archive.Tests;

/// <summary>A small product in three versions, with everything that a tree may have.</summary>
internal static class Samples
{
    public const long Stamp = 1_764_000_000;

    public static readonly string LongName = string.Concat(Enumerable.Repeat("long-", 20)) + "name.txt";

    public static void Base(TempFolder tree)
    {
        tree.Write("bin/serve", "#!/bin/sh\necho one\n", executable: true);
        tree.Write("etc/serve.conf", "port = 25\n");
        tree.Write("share/notes.txt", "unchanged\n");
        tree.Write("share/old-name.bin", Noise(300_000, 7));
        tree.Write("share/gone.txt", "gone soon\n");
        tree.Write("share/" + LongName, "a name past 100 bytes\n");
        tree.Write("share/मिथि.txt", "नमस्ते\n");
        tree.Write("share/empty", "");
        Directory.CreateDirectory(tree["var/spool"]);
        File.CreateSymbolicLink(tree["bin/start"], "serve");
        File.CreateSymbolicLink(tree["share/up"], "../etc/serve.conf");
    }

    public static void Patched(TempFolder tree)
    {
        Base(tree);
        File.SetUnixFileMode(tree["bin/serve"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        tree.Write("bin/serve", "#!/bin/sh\necho two\n", executable: true);
        File.Move(tree["share/old-name.bin"], tree["share/new-name.bin"]);
        File.Delete(tree["share/gone.txt"]);
        Directory.Delete(tree["var/spool"]);
        tree.Write("share/added.txt", "added\n");
    }

    public static byte[] Noise(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static Manifest Build(string tree, string version = "1.0.0") => new()
    {
        Product = "sample-server",
        Version = ReleaseVersion.Parse(version),
        Platform = "linux-x64",
        Kind = ArchiveKind.Build,
        Stamp = Stamp,
        Fixes = version == "1.0.0" ? [] : ["17"],
        Restarts = ["sample.service"],
        Notes = "Notes in any language: नमस्ते <b>\"quoted\"</b>.",
        Entries = TreeScan.Read(tree, path => path.StartsWith("etc/", StringComparison.Ordinal)),
    };
}
