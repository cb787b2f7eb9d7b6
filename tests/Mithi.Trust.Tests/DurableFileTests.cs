using Xunit;

namespace Mithi.Trust.Tests;

public sealed class DurableFileTests : IDisposable
{
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public async Task Many_writers_of_one_file_leave_one_whole_file_and_nothing_else()
    {
        var path = Path.Join(temp.Path, "timestamp.json");
        // What a killed writer left, also under the name that was once used for all of them.
        await File.WriteAllTextAsync(path + ".new", "half", TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++) DurableFile.Write(path, Enumerable.Repeat((byte)writer, 10_000).ToArray());
        }, TestContext.Current.CancellationToken)));
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(10_000, bytes.Length);
        Assert.Single(bytes.Distinct());
        Assert.Equal([path, path + ".new"], Directory.GetFiles(temp.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_secret_is_never_replaced()
    {
        var path = Path.Join(temp.Path, "root.key");
        DurableFile.WriteSecret(path, "first"u8);
        Assert.Throws<IOException>(() => DurableFile.WriteSecret(path, "second"u8));
        Assert.Equal("first", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFiles(temp.Path));
    }
}
