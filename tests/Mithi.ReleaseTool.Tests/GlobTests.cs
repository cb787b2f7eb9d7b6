using Mithi.ReleaseTool.Packing;
using Xunit;

namespace Mithi.ReleaseTool.Tests;

public sealed class GlobTests
{
    [Theory]
    [InlineData("etc/main.cf", "etc/main.cf", true)]
    [InlineData("etc/*", "etc/main.cf", true)]
    [InlineData("etc/*", "etc/a/b", false)]
    [InlineData("etc/**", "etc/a/b", true)]
    [InlineData("etc/**", "etc", true)]
    [InlineData("**/main.cf", "main.cf", true)]
    [InlineData("**/main.cf", "a/b/main.cf", true)]
    [InlineData("**/*.cf", "a/b/main.cf.new", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("*a*b", "xaxxab", true)]
    [InlineData("*a*b", "xaxxac", false)]
    [InlineData("*", "", true)]
    [InlineData("etc", "etc2", false)]
    public void A_pattern_matches_whole_paths(string pattern, string path, bool matches)
        => Assert.Equal(matches, new Glob(pattern).Matches(path));
}
