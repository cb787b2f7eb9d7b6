using Xunit;

namespace Mithi.Archive.Tests;

public sealed class ReleaseVersionTests
{
    [Fact]
    public void Versions_are_ordered_by_time_of_life()
    {
        string[] ordered =
        [
            "0.9.9", "1.0.0", "1.0.0-p1", "1.0.0-p2", "1.0.0-p10", "1.0.0-sp1", "1.0.0-sp1-p1", "1.0.0-sp2", "1.0.1", "1.2.0", "1.10.0", "2.0.0",
        ];
        Assert.Equal(ordered, ordered.Reverse().Select(ReleaseVersion.Parse).Order().Select(version => version.ToString()));
        Assert.Equal(ordered, ordered.Reverse().Select(ReleaseVersion.Parse).OrderBy(version => version.SortKey).Select(version => version.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.0")]
    [InlineData("01.0.0")]
    [InlineData("1.0.0-p0")]
    [InlineData("1.0.0-p1-sp1")]
    [InlineData("1.0.0-sp")]
    [InlineData("1.0.0\n")]
    [InlineData("1.0.0-rc1")]
    [InlineData("10000.0.0")]
    [InlineData("1.0.0-p1000")]
    [InlineData("१.0.0")]
    [InlineData(null)]
    public void Anything_else_is_not_a_version(string? text) => Assert.Null(ReleaseVersion.TryParse(text));

    [Fact]
    public void A_name_is_read_as_it_is_written()
    {
        var name = new ArchiveName("connect-server", ReleaseVersion.Parse("5.2.0-sp1"), "linux-x64", ArchiveKind.ServicePack);
        Assert.Equal("connect-server-5.2.0-sp1.linux-x64.service-pack.tar.zst", name.ToString());
        Assert.Equal("connect-server/5.2.0-sp1/connect-server-5.2.0-sp1.linux-x64.service-pack.tar.zst", name.TargetPath);
        Assert.Equal(name, ArchiveName.TryParse(name.ToString()));
    }

    [Theory]
    [InlineData("sample-1.0.0.linux-x64.build.tar")]
    [InlineData("Sample-1.0.0.linux-x64.build.tar.zst")]
    [InlineData("sample-1.0.0.linux-x64.bild.tar.zst")]
    [InlineData("../sample-1.0.0.linux-x64.build.tar.zst")]
    [InlineData("sample-1.0.linux-x64.build.tar.zst")]
    [InlineData("sample--1.0.0.linux-x64.build.tar.zst")]
    [InlineData("-1.0.0.linux-x64.build.tar.zst")]
    public void Another_name_is_no_archives(string name) => Assert.Null(ArchiveName.TryParse(name));
}
