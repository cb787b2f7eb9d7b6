using Xunit;

namespace Mithi.Archive.Tests;

public sealed class DurableFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mithi-durable-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_fails_in_the_middle_leaves_the_old_file_and_nothing_else()
    {
        var file = Path.Join(_folder, "new/file");
        DurableFile.Write(file, "old"u8);
        File.WriteAllText(file + ".part", "what a power cut left, longer than what comes");
        Assert.Throws<IOException>(() => DurableFile.Write<int>(file, to =>
        {
            to.Write("half"u8);
            throw new IOException("No space left on device");
        }));
        Assert.Equal("old", File.ReadAllText(file));
        Assert.Equal(["file"], Directory.GetFiles(Path.Join(_folder, "new")).Select(Path.GetFileName));
        DurableFile.Write(file, "new"u8);
        Assert.Equal("new", File.ReadAllText(file));
    }

    [Fact]
    public void A_mode_is_given_as_asked()
    {
        var file = Path.Join(_folder, "file");
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        DurableFile.Write(file, to => { to.WriteByte(1); return 1; }, Mode);
        Assert.Equal(Mode, File.GetUnixFileMode(file));
    }
}
