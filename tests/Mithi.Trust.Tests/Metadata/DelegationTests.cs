using System.Security.Cryptography;
using Mithi.Trust.Keys;
using Mithi.Trust.Metadata;

namespace Mithi.Trust.Tests.Metadata;

public sealed class DelegationTests
{
    private static readonly Role Bin = new("bin", 1, new Dictionary<string, PublicKey>());

    [Theory]
    [InlineData("a/1", true)]
    [InlineData("a/2", false)]
    public void A_hash_bin_covers_the_paths_whose_digest_begins_so(string path, bool covered)
    {
        var prefix = Convert.ToHexStringLower(SHA256.HashData("a/1"u8))[..4];
        Assert.Equal(covered, new Delegation(Bin, false, [], ["zz", prefix]).Covers(path));
    }

    [Fact]
    public void A_role_with_neither_patterns_nor_prefixes_covers_nothing()
        => Assert.False(new Delegation(Bin, false, [], []).Covers("a"));
}
