using Xunit;

namespace Mithi.Site.Tests;

public sealed class Crc32CTests
{
    // RFC 3720, appendix B.4, whose bytes are in the order of transmission.
    [Fact]
    public void It_is_the_one_of_the_standard()
    {
        Assert.Equal(0x8a9136aau, Crc32C.Of(new byte[32]));
        Assert.Equal(0xe3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0u, Crc32C.Of([]));
    }
}
