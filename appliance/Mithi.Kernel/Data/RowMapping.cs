using System.Data;
using System.Reflection;
using Dapper;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Kernel.Data;

/// <summary>How values cross between rows and records: instants as unix milliseconds, ids as integers, dates as text.</summary>
public static class RowMapping
{
    private static int installed;

    /// <summary>Tells the mapper of an id type. A module does so for each of its own, once, in its constructor.</summary>
    public static void AddId<T>() where T : struct, IId<T> => SqlMapper.AddTypeHandler(new IdHandler<T>());

    internal static void Install()
    {
        if (Interlocked.Exchange(ref installed, 1) == 1) return;
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        var standard = SqlMapper.TypeMapProvider;
        SqlMapper.TypeMapProvider = type => new ByName(type, standard(type));
        SqlMapper.AddTypeHandler(new InstantHandler());
        SqlMapper.AddTypeHandler(new LocalDateHandler());
        SqlMapper.AddTypeHandler(new DurationHandler());
        Blobs.BlobId.AddToRowMapping();
        // A flag is a 0 or 1 in both engines; the built-in map of bool would ask PostgreSQL for a boolean column.
        SqlMapper.RemoveTypeMap(typeof(bool));
        SqlMapper.AddTypeHandler(new FlagHandler());
        SqlMapper.RemoveTypeMap(typeof(int));
        SqlMapper.AddTypeHandler(new IntHandler());
        AddId<OrganisationId>();
        AddId<PersonId>();
        AddId<SessionId>();
        AddId<ApiTokenId>();
        AddId<EntitlementId>();
        AddId<ContactId>();
    }

    /// <summary>Finds a record's constructor by the names of its columns where their types don't tell.</summary>
    /// <remarks>SQLite knows the type of a computed column, such as <c>coalesce(...)</c>, only from a row: without rows it says blob.</remarks>
    private sealed class ByName(Type type, SqlMapper.ITypeMap standard) : SqlMapper.ITypeMap
    {
        public ConstructorInfo? FindConstructor(string[] names, Type[] types)
            => standard.FindConstructor(names, types) ?? type.GetConstructors().FirstOrDefault(c =>
                c.GetParameters().Select(p => p.Name).SequenceEqual(names.Select(n => n.Replace("_", "")), StringComparer.OrdinalIgnoreCase));

        public ConstructorInfo? FindExplicitConstructor() => standard.FindExplicitConstructor();

        public SqlMapper.IMemberMap? GetConstructorParameter(ConstructorInfo constructor, string columnName)
            => standard.GetConstructorParameter(constructor, columnName);

        public SqlMapper.IMemberMap? GetMember(string columnName) => standard.GetMember(columnName);
    }

    private sealed class IdHandler<T> : SqlMapper.TypeHandler<T> where T : struct, IId<T>
    {
        public override T Parse(object value) => T.Of(Convert.ToInt64(value));

        public override void SetValue(IDbDataParameter parameter, T value) => Set(parameter, value.Value);
    }

    private sealed class InstantHandler : SqlMapper.TypeHandler<Instant>
    {
        public override Instant Parse(object value) => Instant.FromUnixTimeMilliseconds(Convert.ToInt64(value));

        public override void SetValue(IDbDataParameter parameter, Instant value) => Set(parameter, value.ToUnixTimeMilliseconds());
    }

    private sealed class DurationHandler : SqlMapper.TypeHandler<Duration>
    {
        public override Duration Parse(object value) => Duration.FromMilliseconds(Convert.ToInt64(value));

        public override void SetValue(IDbDataParameter parameter, Duration value) => Set(parameter, (long)value.TotalMilliseconds);
    }

    private sealed class LocalDateHandler : SqlMapper.TypeHandler<LocalDate>
    {
        public override LocalDate Parse(object value) => NodaTime.Text.LocalDatePattern.Iso.Parse((string)value).Value;

        public override void SetValue(IDbDataParameter parameter, LocalDate value)
        {
            parameter.DbType = DbType.String;
            parameter.Value = NodaTime.Text.LocalDatePattern.Iso.Format(value);
        }
    }

    private sealed class FlagHandler : SqlMapper.TypeHandler<bool>
    {
        public override bool Parse(object value) => Convert.ToInt64(value) != 0;

        public override void SetValue(IDbDataParameter parameter, bool value) => Set(parameter, value ? 1 : 0);
    }

    private sealed class IntHandler : SqlMapper.TypeHandler<int>
    {
        public override int Parse(object value) => checked((int)Convert.ToInt64(value));

        public override void SetValue(IDbDataParameter parameter, int value) => Set(parameter, value);
    }

    private static void Set(IDbDataParameter parameter, long value)
    {
        parameter.DbType = DbType.Int64;
        parameter.Value = value;
    }
}
