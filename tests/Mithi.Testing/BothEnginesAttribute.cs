using System.Reflection;
using Mithi.Kernel.Data;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Mithi.Testing;

/// <summary>Runs a theory once on SQLite and once on PostgreSQL: <c>[Theory, BothEngines]</c>, parameter <c>DbEngine engine</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BothEnginesAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
        => new([new TheoryDataRow<DbEngine>(DbEngine.Sqlite), new TheoryDataRow<DbEngine>(DbEngine.Postgres)]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
