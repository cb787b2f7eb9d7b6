using System.Formats.Tar;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Cli;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Settings;
using Mithi.Node.Backup;
using Mithi.Testing;
using Xunit;
using ZstdSharp;

namespace Mithi.Node.Tests;

public sealed class BackupTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task A_backup_made_under_load_is_restored_whole_into_an_empty_folder(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine, null, new NodeModule());
        using var temp = new TempFolder();
        var log = kernel.Get<AuditLog>();
        var blob = await kernel.Get<BlobStore>().PutAsync(new MemoryStream(new byte[100_000]), long.MaxValue, Ct);
        kernel.Get<SecretBox>().Seal("x", "x");   // makes a key
        Directory.CreateDirectory(Path.Join(kernel.Folder.Wiki, "manual.git", "refs", "heads"));
        await File.WriteAllTextAsync(Path.Join(kernel.Folder.Wiki, "manual.git", "HEAD"), "ref: refs/heads/main\n", Ct);
        await File.WriteAllTextAsync(Path.Join(kernel.Folder.Releases, "timestamp.json"), "{}", Ct);
        await File.WriteAllTextAsync(Path.Join(kernel.Folder.Spool, "mail.eml"), "Subject: x", Ct);
        for (var i = 0; i < 20; i++) await kernel.WriteAsync(tx => log.AddAsync(tx, "test", "before", $"{i}"));

        // Writers go on for as long as the backup takes: the copy is of one moment, so its audit chain is whole.
        using var stop = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++) await kernel.WriteAsync(tx => log.AddAsync(tx, "test", "during", $"{i}"));
        }, Ct);
        var file = temp.File("backup.tar.zst");
        var manifest = await BackupWriter.WriteAsync(kernel.Folder.Root, kernel.Db, file, kernel.Clock, Ct);
        await stop.CancelAsync();
        await load;

        var data = temp.File("restored");
        await using var empty = await TestDb.StartEmptyAsync(engine);
        Assert.Equivalent(manifest, await BackupReader.RestoreAsync(file, data, engine == DbEngine.Postgres ? empty.Options : null, Ct));
        foreach (var part in (string[])["keys", "wiki", "blobs", "releases", "spool"])
            Assert.Equal(Tree(Path.Join(kernel.Folder.Root, part)), Tree(Path.Join(data, part)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Join(data, "keys", "audit.key")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        // The copy of the rows on its way into the backup had the rights that it comes back with.
        if (engine == DbEngine.Sqlite) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Join(data, "mithi.db")));

        using var folder = DataFolder.Open(data);
        await using var db = new Db(engine == DbEngine.Postgres ? empty.Options : DbOptions.Sqlite(folder.Database));
        var restored = new AuditLog(db, new NodeKeys(folder), kernel.Clock);
        var verdict = await restored.VerifyAsync(Ct);
        Assert.True(verdict is { Intact: true, At: >= 20 }, verdict.Message);
        Assert.True(await new BlobStore(folder).IsIntactAsync(blob.Id, Ct));
    }

    [Fact]
    public async Task What_points_is_read_before_what_it_points_to_is_looked_for()
    {
        await using var kernel = await TestKernel.StartAsync(DbEngine.Sqlite, null, new NodeModule());
        using var temp = new TempFolder();
        var (refs, objects) = (Path.Join(kernel.Folder.Wiki, "manual.git", "refs", "heads"), Path.Join(kernel.Folder.Wiki, "manual.git", "objects"));
        var metadata = Path.Join(kernel.Folder.Releases, "metadata");
        foreach (var folder in (string[])[refs, objects, metadata]) Directory.CreateDirectory(folder);
        Save(1);

        // A page is saved and a release published whenever something was read: each time the newest that is pointed to is there.
        var saved = 1;
        var file = temp.File("backup.tar.zst");
        await BackupWriter.WriteAsync(kernel.Folder.Root, kernel.Db, file, kernel.Clock, _ =>
        {
            Save(++saved);
            return Task.CompletedTask;
        }, Ct);

        var data = temp.File("restored");
        await BackupReader.RestoreAsync(file, data, null, Ct);
        var commit = await File.ReadAllTextAsync(Path.Join(data, "wiki", "manual.git", "refs", "heads", "main"), Ct);
        Assert.True(File.Exists(Path.Join(data, "wiki", "manual.git", "objects", commit)), commit);
        var blob = await File.ReadAllTextAsync(Path.Join(data, "releases", "metadata", "timestamp.json"), Ct);
        Assert.True(File.Exists(Path.Join(data, "blobs", blob)), blob);
        Assert.NotEqual("1", commit);

        void Save(int number)
        {
            File.WriteAllText(Path.Join(objects, $"{number}"), "x");
            File.WriteAllText(Path.Join(refs, "main"), $"{number}");
            File.WriteAllText(Path.Join(kernel.Folder.Blobs, $"{number}"), "x");
            File.WriteAllText(Path.Join(metadata, "timestamp.json"), $"{number}");
        }
    }

    [Fact]
    public async Task Nobody_else_can_read_the_rows_while_a_backup_is_made_and_a_killed_one_leaves_nothing()
    {
        await using var kernel = await TestKernel.StartAsync(DbEngine.Sqlite, null, new NodeModule());
        using var temp = new TempFolder();
        var file = temp.File("backup.tar.zst");
        Directory.CreateDirectory($"{file}.db.tmp");
        await File.WriteAllTextAsync(Path.Join($"{file}.db.tmp", "database"), "left by a kill", Ct);

        var looked = false;
        await BackupWriter.WriteAsync(kernel.Folder.Root, kernel.Db, file, kernel.Clock, path =>
        {
            if (!path.StartsWith("keys", StringComparison.Ordinal) || looked) return Task.CompletedTask;
            looked = true;
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode($"{file}.db.tmp"));
            return Task.CompletedTask;
        }, Ct);

        Assert.True(looked);
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(temp.Path));
    }

    [Fact]
    public async Task A_folder_that_is_not_empty_is_refused_and_left_alone()
    {
        using var temp = new TempFolder();
        var file = await MakeAsync(temp);
        var data = Directory.CreateDirectory(temp.File("data")).FullName;
        await File.WriteAllTextAsync(Path.Join(data, "mine"), "x", Ct);
        await Assert.ThrowsAsync<UserException>(() => BackupReader.RestoreAsync(file, data, null, Ct));
        Assert.Equal(["mine"], Directory.EnumerateFileSystemEntries(data).Select(Path.GetFileName));
        await Assert.ThrowsAsync<UserException>(() => BackupReader.RestoreAsync(temp.File("none"), temp.File("new"), null, Ct));
    }

    [Fact]
    public async Task A_backup_that_is_cut_off_anywhere_or_has_a_changed_byte_restores_nothing()
    {
        using var temp = new TempFolder();
        var whole = await File.ReadAllBytesAsync(await MakeAsync(temp), Ct);
        var broken = temp.File("broken");
        foreach (var length in Enumerable.Range(0, 12).Select(i => whole.Length * i / 12).Append(whole.Length - 1))
        {
            await File.WriteAllBytesAsync(broken, whole[..length], Ct);
            await Assert.ThrowsAsync<BackupException>(() => BackupReader.RestoreAsync(broken, temp.File("data"), null, Ct));
        }
        for (var i = 0; i < 20; i++)
        {
            var changed = whole.ToArray();
            changed[whole.Length * i / 20] ^= 0x55;
            await File.WriteAllBytesAsync(broken, changed, Ct);
            await Assert.ThrowsAsync<BackupException>(() => BackupReader.RestoreAsync(broken, temp.File("data"), null, Ct));
        }
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(temp.Path), e => e.Contains("data", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../escape", BackupFault.PathEscapes)]
    [InlineData("keys/../../escape", BackupFault.PathEscapes)]
    [InlineData("/etc/escape", BackupFault.PathEscapes)]
    [InlineData("keys//escape", BackupFault.PathEscapes)]
    [InlineData("elsewhere/x", BackupFault.PathEscapes)]
    [InlineData("keys/not-in-the-manifest", BackupFault.NotABackup)]
    public async Task A_hostile_entry_is_refused_by_name(string name, BackupFault fault)
    {
        using var temp = new TempFolder();
        var file = temp.File("hostile.tar.zst");
        await WriteTarAsync(file, new PaxTarEntry(TarEntryType.Directory, "keys/"),
            new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream("x"u8.ToArray()) });
        Assert.Equal(fault, (await Assert.ThrowsAsync<BackupException>(() => BackupReader.RestoreAsync(file, temp.File("data"), null, Ct))).Fault);
        Assert.False(File.Exists(temp.File("escape")));
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Fifo)]
    public async Task A_link_or_device_is_refused(TarEntryType type)
    {
        using var temp = new TempFolder();
        var file = temp.File("hostile.tar.zst");
        var entry = new PaxTarEntry(type, "keys/link");
        if (type != TarEntryType.Fifo) entry.LinkName = "/etc/passwd";
        await WriteTarAsync(file, new PaxTarEntry(TarEntryType.Directory, "keys/"), entry);
        Assert.Equal(BackupFault.PathEscapes,
            (await Assert.ThrowsAsync<BackupException>(() => BackupReader.RestoreAsync(file, temp.File("data"), null, Ct))).Fault);
    }

    [Fact]
    public async Task A_backup_a_day_is_made_and_old_ones_go()
    {
        await using var kernel = await TestKernel.StartAsync(DbEngine.Sqlite, null, new NodeModule());
        kernel.Clock.SetUtcNow(new DateTimeOffset(Directory.GetCreationTimeUtc(kernel.Folder.Keys), TimeSpan.Zero));
        await kernel.DrainAsync();
        Assert.Empty(kernel.Get<BackupFolder>().List());
        for (var day = 1; day <= 9; day++)
        {
            kernel.Clock.Advance(TimeSpan.FromHours(25));
            await kernel.DrainAsync();
            // The file's time is the machine's; the test's days are not.
            if (kernel.Get<BackupFolder>().List() is [var newest, ..]) newest.LastWriteTimeUtc = kernel.Clock.GetUtcNow().UtcDateTime;
        }
        Assert.Equal(7, kernel.Get<BackupFolder>().List().Count);
        Assert.Empty(await kernel.JobsAsync());
    }

    private static async Task<string> MakeAsync(TempFolder temp)
    {
        await using var kernel = await TestKernel.StartAsync(DbEngine.Sqlite, null, new NodeModule());
        await kernel.WriteAsync(tx => kernel.Get<AuditLog>().AddAsync(tx, "test", "before", "x"));
        var file = temp.File("backup.tar.zst");
        await BackupWriter.WriteAsync(kernel.Folder.Root, kernel.Db, file, kernel.Clock, Ct);
        return file;
    }

    private static async Task WriteTarAsync(string file, params TarEntry[] entries)
    {
        await using var output = new CompressionStream(File.Create(file), leaveOpen: false);
        await using var tar = new TarWriter(output, TarEntryFormat.Pax);
        foreach (var entry in entries) await tar.WriteEntryAsync(entry, Ct);
        var manifest = """{"format":1,"version":"1.0.0","engine":"Sqlite","madeAt":0,"entries":[]}""";
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "manifest.json")
        {
            DataStream = new MemoryStream(Encoding.UTF8.GetBytes(manifest)),
        }, Ct);
    }

    private static string[] Tree(string folder) => [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
        .Where(p => !p.Contains("arriving", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        .Select(p => $"{Path.GetRelativePath(folder, p)} {(File.Exists(p) ? Convert.ToHexString(File.ReadAllBytes(p).AsSpan()[..Math.Min(64, (int)new FileInfo(p).Length)]) : "")}")];
}
