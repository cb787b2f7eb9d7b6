using System.Text.RegularExpressions;
using Mithi.Kernel.Data;

namespace Mithi.Helpdesk.Tickets;

/// <summary>What was typed into the search of the list: operators like <c>state:open</c>, and words.</summary>
/// <param name="State">A key of <see cref="States"/>; empty: any.</param>
/// <param name="Assignee">"me", "nobody" or a part of a name; empty: anybody.</param>
/// <param name="Words">All else, for the full-text search.</param>
/// <param name="Unknown">What looks like an operator and is none: it was taken for words.</param>
public sealed partial record TicketQuery(
    string State, string Customer, Level? Level, Priority? Priority, string Assignee, TicketKind? Kind, string Words, IReadOnlyList<string> Unknown)
{
    /// <summary>The operators as the page explains them: name and an example.</summary>
    public static readonly IReadOnlyList<string> Examples =
        ["state:waiting", "customer:acme", "level:2", "priority:1", "assignee:me", "assignee:nobody", "kind:incident", "\"exact words\""];

    private static readonly Dictionary<string, string> States = new(StringComparer.OrdinalIgnoreCase)
    {
        ["new"] = "t.state = 'New'", ["open"] = "t.stopped_at is null", ["waiting"] = "t.state in ('WaitingForCustomer', 'WaitingForVendor')",
        ["resolved"] = "t.state = 'Resolved'", ["closed"] = "t.state = 'Closed'", ["merged"] = "t.state = 'Merged'",
    };

    public bool HasOperators => State.Length > 0 || Customer.Length > 0 || Level is not null || Priority is not null || Assignee.Length > 0 || Kind is not null;

    /// <param name="isStaff">Levels and assignees are not for customers: to them these are words.</param>
    public static TicketQuery Parse(string typed, bool isStaff)
    {
        var (query, unknown) = (new TicketQuery("", "", null, null, "", null, "", []), new List<string>());
        var words = Operator().Replace(typed, match =>
        {
            // Between quotes nothing is an operator.
            if (match.Groups["name"] is not { Success: true, Value: var name }) return match.Value;
            var value = match.Groups["value"].Value.Trim('"').Trim();
            if (query.With(name.ToLowerInvariant(), value, isStaff) is { } better)
            {
                query = better;
                return " ";
            }
            unknown.Add(match.Value);
            return match.Value;
        });
        return query with { Words = words.Trim(), Unknown = unknown };
    }

    /// <summary>Further conditions over <c>ticket t</c>, for one engine; their values are <see cref="Values"/>.</summary>
    public IEnumerable<string> Where(DbEngine engine)
    {
        string Holds(string column, string value) => $"{(engine == DbEngine.Sqlite ? "instr" : "strpos")}(lower({column}), {value}) > 0";
        if (State.Length > 0) yield return States[State];
        if (Level is not null) yield return "t.level = @opLevel";
        if (Priority is not null) yield return "t.priority = @opPriority";
        if (Kind is not null) yield return "t.kind = @opKind";
        if (Customer.Length > 0) yield return $"t.organisation_id in (select c.id from organisation c where {Holds("c.name", "@opCustomer")})";
        if (Assignee == "me") yield return "t.assignee_id = @myself";
        else if (Assignee == "nobody") yield return "t.assignee_id is null";
        else if (Assignee.Length > 0) yield return Holds("t.assignee_name", "@opAssignee");
    }

    public Dictionary<string, object> Values() => new()
    {
        ["opLevel"] = Level?.ToString() ?? "", ["opPriority"] = Priority?.ToString() ?? "", ["opKind"] = Kind?.ToString() ?? "",
        ["opCustomer"] = Customer.ToLowerInvariant(), ["opAssignee"] = Assignee.ToLowerInvariant(),
    };

    /// <summary>Null when there is no such operator for this reader, or it has no such value.</summary>
    private TicketQuery? With(string name, string value, bool isStaff) => name switch
    {
        _ when value.Length == 0 => null,
        "state" when States.ContainsKey(value) => this with { State = value.ToLowerInvariant() },
        "customer" => this with { Customer = value },
        "priority" => FormText.Name<Priority>(Prefixed('P', value)) is { } priority ? this with { Priority = priority } : null,
        "kind" => FormText.Name<TicketKind>(Capital(value)) is { } kind ? this with { Kind = kind } : null,
        "level" when isStaff => (FormText.Name<Level>(Prefixed('L', value)) ?? FormText.Name<Level>(Capital(value))) is { } level ? this with { Level = level } : null,
        "assignee" when isStaff => this with { Assignee = value.ToLowerInvariant() },
        _ => null,
    };

    private static string Prefixed(char letter, string value) => char.IsAsciiDigit(value[0]) ? letter + value : value.ToUpperInvariant();

    private static string Capital(string value) => char.ToUpperInvariant(value[0]) + value[1..].ToLowerInvariant();

    [GeneratedRegex("\"[^\"]*\"|(?<![^\\s])(?<name>[A-Za-z]{2,20}):(?<value>\"[^\"]*\"|[^\\s\"]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Operator();
}
