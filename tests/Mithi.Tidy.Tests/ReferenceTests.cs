using System.Xml.Linq;
using Xunit;

namespace Mithi.Tidy.Tests;

/// <summary>Who may know whom: the table of wiki-content/internals/structure.md, read from the project files.</summary>
public sealed class ReferenceTests
{
    private static readonly string[] Leaves = ["Mithi.Archive", "Mithi.Trust", "Mithi.Protocol", "Mithi.Cli"];
    private static readonly string[] Modules =
        ["Mithi.Helpdesk", "Mithi.Wiki", "Mithi.Downloads", "Mithi.Customers", "Mithi.Fleet", "Mithi.Node"];

    [Fact]
    public void A_leaf_references_nothing_of_ours() => Assert.All(Leaves, leaf => Assert.Empty(References(leaf)));

    [Fact]
    public void The_kernel_stands_on_the_floor_alone() => Assert.Equal(["Mithi.Cli"], References("Mithi.Kernel"));

    [Fact]
    public void A_module_never_references_another()
        => Assert.All(Modules, module => Assert.Empty(References(module).Intersect(Modules)));

    [Fact]
    public void Only_modules_that_speak_to_other_machines_know_their_formats()
        => Assert.All(Modules.Except(["Mithi.Downloads", "Mithi.Fleet", "Mithi.Node"]), module => Assert.Equal(["Mithi.Kernel"], References(module)));

    [Fact]
    public void Programs_of_the_field_know_the_formats_and_nothing_of_the_node() => Assert.All(["Mithi.ReleaseTool", "Mithi.Site"],
        program => Assert.Empty(References(program).Except(Leaves)));

    [Fact]
    public void Every_version_is_set_in_one_place()
    {
        var set = Repository.Like(".csproj").SelectMany(f => XDocument.Load(Path.Join(Repository.Root, f)).Descendants("PackageReference")
            .Where(p => p.Attribute("Version") is not null).Select(p => $"{f}: {p.Attribute("Include")?.Value}"));
        Assert.Empty(set);
    }

    [Fact]
    public void LibGit2Sharp_is_known_to_the_wiki_alone()
    {
        var users = Repository.Like(".csproj").Where(f => !f.StartsWith("tests/", StringComparison.Ordinal)
            && Repository.Read(f).Contains("LibGit2Sharp", StringComparison.Ordinal));
        Assert.Equal(["appliance/Mithi.Wiki/Mithi.Wiki.csproj"], users);
    }

    private static string[] References(string project)
    {
        var file = Repository.Like($"/{project}.csproj").Single();
        return [.. XDocument.Load(Path.Join(Repository.Root, file)).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value)).Order(StringComparer.Ordinal)];
    }
}
