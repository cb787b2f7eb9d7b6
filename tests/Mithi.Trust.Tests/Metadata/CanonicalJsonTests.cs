using System.Text;
using Mithi.Trust.Metadata;

namespace Mithi.Trust.Tests.Metadata;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{ "b" : 1, "a" : [ true , false, null ] }""", """{"a":[true,false,null],"b":1}""")]
    [InlineData("{}", "{}")]
    [InlineData("[ ]", "[]")]
    [InlineData("""{"a":{"c":{},"b":[[]]}}""", """{"a":{"b":[[]],"c":{}}}""")]
    [InlineData(""" "q\"b\\s\/" """, "\"q\\\"b\\\\s/\"")]
    [InlineData("\"\\u0041\\u00e4\\n\\t\\u0000\"", "\"Aä\n\t\0\"")]
    [InlineData("12345678901234567890123", "12345678901234567890123")]
    [InlineData("-7", "-7")]
    [InlineData("""{"\u0061b":1,"aa":2}""", """{"aa":2,"ab":1}""")]
    [InlineData("""{"A":1,"a":2,"":3,"_":4}""", """{"":3,"A":1,"_":4,"a":2}""")]
    public void A_value_has_one_text(string json, string canonical)
        => Assert.Equal(canonical, Canonical(json));

    [Fact]
    public void Keys_are_in_order_of_code_points_not_of_utf16_units()
        => Assert.Equal("{\"\uFF5E\":1,\"\U00010000\":2}", Canonical("{\"\U00010000\":2,\"\uFF5E\":1}"));

    [Theory]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("""{"a":0.5}""")]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""{"x":{"a":1,"b":2,"a":3}}""")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("// no\n{}")]
    [InlineData("{} {}")]
    [InlineData("NaN")]
    [InlineData("01")]
    [InlineData("")]
    [InlineData("{\"a\"")]
    public void What_has_no_one_text_is_refused(string json) => Refused(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused() => Refused([(byte)'"', 0xc3, 0x28, (byte)'"']);

    [Fact]
    public void A_byte_order_mark_is_refused() => Refused([0xef, 0xbb, 0xbf, (byte)'{', (byte)'}']);

    [Fact]
    public void Deep_nesting_is_refused_before_it_costs_the_stack()
        => Refused(Encoding.UTF8.GetBytes(new string('[', 100_000) + new string(']', 100_000)));

    private static string Canonical(string json)
    {
        using var document = CanonicalJson.Parse(Encoding.UTF8.GetBytes(json), "test");
        return Encoding.UTF8.GetString(CanonicalJson.Of(document.RootElement, "test"));
    }

    private static void Refused(byte[] json)
    {
        var e = Assert.Throws<TrustException>(() =>
        {
            using var document = CanonicalJson.Parse(json, "test");
            CanonicalJson.Of(document.RootElement, "test");
        });
        Assert.Equal(TrustFault.Malformed, e.Fault);
    }
}
