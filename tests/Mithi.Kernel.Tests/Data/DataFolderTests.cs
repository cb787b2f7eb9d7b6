using Mithi.Kernel.Data;
using Mithi.Testing;
using Xunit;

namespace Mithi.Kernel.Tests.Data;

public sealed class DataFolderTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nobody_else_on_the_machine_looks_into_the_data_folder(bool madeBefore)
    {
        using var temp = new TempFolder();
        var path = temp.File("data");
        if (madeBefore) Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        using var folder = DataFolder.Open(path);

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder.Keys));
    }
}
