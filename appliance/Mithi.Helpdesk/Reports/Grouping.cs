using System.Globalization;
using Mithi.Helpdesk.Tickets;

namespace Mithi.Helpdesk.Reports;

/// <summary>By what the lines of a report are told apart.</summary>
public enum Grouping { Nothing, Priority, Customer, Kind, Product, Level, Engineer }

/// <summary>Groups in the words of the database. A group's key is a text: a name of ours, a product, or an id; empty for "none".</summary>
internal static class Groupings
{
    public static readonly IReadOnlyList<Grouping> All = [Grouping.Priority, Grouping.Customer, Grouping.Kind, Grouping.Product, Grouping.Level, Grouping.Engineer];

    /// <summary>Names of staff and levels are for staff.</summary>
    public static bool IsInternal(Grouping by) => by is Grouping.Level or Grouping.Engineer;

    public static string Key(Grouping by) => by switch
    {
        Grouping.Priority => "t.priority",
        Grouping.Customer => "coalesce(cast(t.organisation_id as text), '')",
        Grouping.Kind => "t.kind",
        Grouping.Product => "t.product",
        Grouping.Level => "t.level",
        Grouping.Engineer => "coalesce(cast(t.assignee_id as text), '')",
        _ => "''",
    };

    /// <summary>The tickets of one group; its value is <c>@group</c>. Null: there is no such group.</summary>
    public static (string Sql, object Value)? Only(Grouping by, string key) => by switch
    {
        Grouping.Customer => Id("t.organisation_id", key),
        Grouping.Engineer => Id("t.assignee_id", key),
        Grouping.Nothing => ("@group = ''", ""),
        _ => ($"{Key(by)} = @group", key),
    };

    /// <summary>An English key for the names that are ours; null where the group has a name of its own.</summary>
    public static string? Name(Grouping by, string key) => by switch
    {
        Grouping.Priority when Enum.TryParse<Priority>(key, out var priority) => TicketNames.Of(priority),
        Grouping.Kind when Enum.TryParse<TicketKind>(key, out var kind) => TicketNames.Of(kind),
        Grouping.Level when Enum.TryParse<Level>(key, out var level) => TicketNames.Of(level),
        Grouping.Nothing => "All tickets",
        _ when key.Length == 0 => by switch { Grouping.Customer => "Unknown senders", Grouping.Engineer => "nobody", _ => "none named" },
        _ => null,
    };

    /// <summary>Where a group stands that has a place of its own; the same for all others.</summary>
    public static int Order(Grouping by, string key) => by switch
    {
        Grouping.Priority when Enum.TryParse<Priority>(key, out var priority) => (int)priority,
        Grouping.Level when Enum.TryParse<Level>(key, out var level) => (int)level,
        _ => 0,
    };

    private static (string, object)? Id(string column, string key) => key.Length == 0 ? ($"{column} is null and @group = 0", 0L)
        : long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? ($"{column} = @group", id) : null;
}
