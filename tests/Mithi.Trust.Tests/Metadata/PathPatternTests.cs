using Mithi.Trust.Metadata;

namespace Mithi.Trust.Tests.Metadata;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("targets/*.tgz", "targets/foo.tgz", true)]
    [InlineData("targets/*.tgz", "targets/foo.txt", false)]
    [InlineData("targets/*", "targets/a/b", false)]
    [InlineData("*", "a", true)]
    [InlineData("*", "", true)]
    [InlineData("*", "a/b", false)]
    [InlineData("*/*", "a/b", true)]
    [InlineData("foo-version-?.tgz", "foo-version-2.tgz", true)]
    [InlineData("foo-version-?.tgz", "foo-version-alpha.tgz", false)]
    [InlineData("?", "/", false)]
    [InlineData("a*b*c", "aXbXbc", true)]
    [InlineData("a*b*c", "acb", false)]
    [InlineData("v[0-9].zip", "v7.zip", true)]
    [InlineData("v[!0-9].zip", "v7.zip", false)]
    [InlineData("v[!0-9].zip", "vx.zip", true)]
    [InlineData("[]]", "]", true)]
    [InlineData("[abc", "[abc", true)]
    [InlineData("[a-]", "-", true)]
    [InlineData("a.b", "aXb", false)]
    [InlineData("A", "a", false)]
    [InlineData("mail-server/*/*", "mail-server/1.0.0/x.tar.zst", true)]
    [InlineData("mail-server/*/*", "mail-server-2/1.0.0/x.tar.zst", false)]
    [InlineData("mail-server/*/*", "mail-server/1.0.0/y/x.tar.zst", false)]
    public void A_pattern_matches_segment_by_segment(string pattern, string path, bool expected)
        => Assert.Equal(expected, PathPattern.Matches(pattern, path));

    [Fact]
    public void A_pattern_of_stars_costs_nothing_noticeable()
        => Assert.False(PathPattern.Matches(string.Concat(Enumerable.Repeat("*a", 2_000)) + "b", new string('a', 4_000)));

    [Theory]
    [InlineData("role", "role.json")]
    [InlineData("../up", "..%2Fup.json")]
    [InlineData("..", "%2E%2E.json")]
    [InlineData("a b?#", "a%20b%3F%23.json")]
    public void A_roles_file_stays_in_its_folder(string role, string file) => Assert.Equal(file, RoleNames.LocalFileOf(role));

    [Theory]
    [InlineData("../etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/.")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_target_that_leaves_its_folder_is_refused(string path)
        => Assert.Equal(TrustFault.PathUnsafe, Assert.Throws<TrustException>(() => PathEncoding.Target(path)).Fault);

    [Fact]
    public void A_targets_url_is_encoded_segment_by_segment()
        => Assert.Equal("a%20b/%25/c%3F", PathEncoding.Target("a b/%/c?"));
}
