using Mithi.Site.Ask;
using Mithi.Site.Downloads;
using Xunit;

namespace Mithi.Site.Tests.Downloads;

public sealed class ArchivesTests
{
    [Fact]
    public void A_patch_of_a_service_pack_brings_its_whole_line()
        => Assert.Equal(
        [
            "mail/1.0.0/mail-1.0.0.linux-x64.build.tar.zst",
            "mail/1.0.0-sp1/mail-1.0.0-sp1.linux-x64.service-pack.tar.zst",
            "mail/1.0.0-sp1-p2/mail-1.0.0-sp1-p2.linux-x64.patch.tar.zst",
        ], Archives.Chain("mail", "1.0.0-sp1-p2"));

    [Fact]
    public void A_build_stands_alone()
        => Assert.Equal(["mail/1.0.0/mail-1.0.0.linux-x64.build.tar.zst"], Archives.Chain("mail", "1.0.0"));

    [Fact]
    public void Something_else_is_no_version() => Assert.Throws<FaultException>(() => Archives.Chain("mail", "1.0.0-beta"));
}
