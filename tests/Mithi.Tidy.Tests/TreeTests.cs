using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Xunit;

namespace Mithi.Tidy.Tests;

/// <summary>The shape of the repository itself.</summary>
public sealed partial class TreeTests
{
    private static readonly string[] Top =
        ["appliance", "installer", "wiki-content", "release-tooling", "tests", "Mithi.Appliance.sln", "build.cake", "README.md", "global.json"];

    // A file past this asks to be looked at again; one that has a reason to be longer is named here with it.
    private const int LinesMax = 400;

    private static readonly string[] Endings =
    [
        "Module", "Routes", "Store", "Filter", "Form", "Job", "Client", "Reader", "Writer", "Parser", "Command", "Plan", "Step",
        "Options", "Limits", "Log", "Exception", "Fault",
    ];

    private static readonly string[] Banned = ["Manager", "Helper", "Utils", "Service", "Processor", "Common"];

    [Fact]
    public void The_top_level_holds_what_the_design_names()
    {
        var extra = Repository.Files.Select(f => f.Split('/')[0]).Distinct()
            .Where(f => !Top.Contains(f) && !f.StartsWith('.') && !f.StartsWith("Directory.", StringComparison.Ordinal));
        Assert.Empty(extra);
    }

    [Fact]
    public void No_source_file_is_too_long_to_read()
    {
        var longer = Repository.Like(".cs", ".cshtml").Select(f => (File: f, Lines: Repository.Read(f).Count(c => c == '\n')))
            .Where(f => f.Lines > LinesMax).Select(f => $"{f.File}: {f.Lines}");
        Assert.Empty(longer);
    }

    [Fact]
    public void A_type_has_a_noun_or_a_role_for_its_name()
    {
        var vague = Repository.Like(".cs").Where(f => !f.StartsWith("tests/", StringComparison.Ordinal))
            .SelectMany(f => TypeName().Matches(Repository.Read(f)).Select(m => m.Groups[1].Value))
            .Where(n => Banned.Any(b => n.EndsWith(b, StringComparison.Ordinal)) && !Endings.Any(e => n.EndsWith(e, StringComparison.Ordinal)));
        Assert.Empty(vague);
    }

    [Fact]
    public void Nothing_is_left_for_later()
    {
        var left = Repository.Like(".cs", ".cshtml", ".js", ".cake", ".sql").Where(f => !f.Contains("Tidy", StringComparison.Ordinal))
            .Where(f => !f.Contains("/vendor/", StringComparison.Ordinal) && Later().IsMatch(Repository.Read(f)));
        Assert.Empty(left);
    }

    [Fact]
    public void What_others_wrote_is_what_they_published()
    {
        var table = Repository.Read("appliance/Mithi.Appliance/Assets/vendor/README.md");
        var rows = VendorRow().Matches(table);
        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var bytes = File.ReadAllBytes(Path.Join(Repository.Root, "appliance/Mithi.Appliance/Assets/vendor", row.Groups[1].Value));
            Assert.Equal(row.Groups[2].Value, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        });
    }

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum) ([A-Z]\w+)")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\bTODO\b|\bFIXME\b|\bHACK\b|NotImplementedException|Skip\s*=\s*""")]
    private static partial Regex Later();

    [GeneratedRegex(@"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", RegexOptions.Multiline)]
    private static partial Regex VendorRow();
}
