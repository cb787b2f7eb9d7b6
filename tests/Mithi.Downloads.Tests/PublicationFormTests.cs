using System.Text;
using Mithi.Downloads.Publishing;
using Xunit;

namespace Mithi.Downloads.Tests;

public sealed class PublicationFormTests
{
    [Fact]
    public async Task A_publication_is_read_as_it_was_sent()
    {
        var form = await ReadAsync("""{"metadata":{"root":["AQ==","Ag=="],"targets":"Aw==","mail-server":"BA=="},"channel":"beta-2"}""");
        Assert.Equal([[1], [2]], form!.Proposal.Roots);
        Assert.Equal(["mail-server", "targets"], form.Proposal.Roles.Keys.Order());
        Assert.Equal("beta-2", form.Channel);
    }

    [Fact]
    public async Task Without_a_channel_it_is_stable()
        => Assert.Equal("stable", (await ReadAsync("""{"metadata":{"root":[]}}"""))!.Channel);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"metadata":[]}""")]
    [InlineData("""{"metadata":{"root":"AQ=="}}""")]
    [InlineData("""{"metadata":{"root":[1]}}""")]
    [InlineData("""{"metadata":{"targets":"not base64"}}""")]
    [InlineData("""{"metadata":{"targets":"AQ==","targets":"Ag=="}}""")]
    [InlineData("""{"metadata":{},"channel":"Stable"}""")]
    [InlineData("""{"metadata":{},"channel":"../etc"}""")]
    [InlineData("""{"metadata":{},"channel":""}""")]
    [InlineData("""{"metadata":{},"channel":5}""")]
    [InlineData("""{"metadata":{"a":{"b":{"c":{"d":1}}}}}""")]
    public async Task Anything_else_is_no_publication(string body) => Assert.Null(await ReadAsync(body));

    private static async Task<PublicationForm?> ReadAsync(string body)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return await PublicationForm.ReadAsync(stream, CancellationToken.None);
    }
}
