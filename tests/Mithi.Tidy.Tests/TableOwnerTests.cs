using System.Text.RegularExpressions;
using Xunit;

namespace Mithi.Tidy.Tests;

/// <summary>A module's tables are its own: no other module's SQL names them. The kernel's people are shared vocabulary.</summary>
public sealed partial class TableOwnerTests
{
    // Organisation, person and entitlement are the words in which modules meet.
    private static readonly string[] Shared = ["organisation", "person", "entitlement"];

    [Fact]
    public void No_module_names_another_modules_table()
    {
        var owners = Repository.Like(".sql").SelectMany(f => CreateTable().Matches(Repository.Read(f))
            .Select(m => (Table: m.Groups[1].Value, Owner: Project(f)))).Distinct().ToLookup(o => o.Table, o => o.Owner);
        var named = from file in Repository.Like(".cs") where file.StartsWith("appliance/", StringComparison.Ordinal)
            from Match match in TableName().Matches(Repository.Read(file))
            let table = match.Groups[1].Value
            where !Shared.Contains(table) && owners.Contains(table) && !owners[table].Contains(Project(file))
            select $"{file} names {table} of {owners[table].First()}";
        Assert.Empty(named.Distinct());
    }

    [Fact]
    public void Two_modules_never_make_one_table()
    {
        var twice = Repository.Like(".sql").SelectMany(f => CreateTable().Matches(Repository.Read(f)).Select(m => (m.Groups[1].Value, Project(f))))
            .Distinct().GroupBy(t => t.Item1).Where(g => g.Count() > 1).Select(g => g.Key);
        Assert.Empty(twice);
    }

    private static string Project(string file) => string.Join('/', file.Split('/').Take(2));

    [GeneratedRegex(@"create (?:virtual )?table (?:if not exists )?([a-z_]+)")]
    private static partial Regex CreateTable();

    [GeneratedRegex(@"\b(?:from|join|into|update)\s+([a-z_]+)\b")]
    private static partial Regex TableName();
}
