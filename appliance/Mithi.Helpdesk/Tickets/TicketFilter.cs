using Microsoft.AspNetCore.Http;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

/// <summary>Which tickets a list shows: query string in, SQL out.</summary>
/// <param name="Which">"open" (the default), "all", "mine", "waiting", "overdue", "resolved".</param>
/// <param name="Before">The last line of the page before; null for the first page.</param>
public sealed record TicketFilter(string Which, Priority? Priority, Level? Level, string Words, TicketCursor? Before)
{
    public static readonly IReadOnlyList<string> Views = ["open", "mine", "waiting", "overdue", "resolved", "all"];

    public bool IsNarrowed => Which != "open" || Priority is not null || Level is not null || Words.Length > 0;

    /// <summary>What can't be understood is as if it were not there.</summary>
    public static TicketFilter Read(IQueryCollection query) => new(
        Views.Contains(query["show"].ToString()) ? query["show"].ToString() : "open",
        Name<Priority>(query["priority"]), Name<Level>(query["level"]), query["q"].ToString().Trim() is { Length: <= 200 } words ? words : "",
        TicketCursor.Parse(query["before"]));

    /// <summary>The address of this list, from another line on.</summary>
    public string Url(TicketCursor? before) => "/tickets" + QueryString.Create(new Dictionary<string, string?>
    {
        ["show"] = Which, ["priority"] = Priority?.ToString(), ["level"] = Level?.ToString(),
        ["q"] = Words.Length > 0 ? Words : null, ["before"] = before?.ToString(),
    }.Where(p => p.Value is not null));

    /// <summary>Conditions over <c>ticket t</c>; their values are <see cref="Values"/>.</summary>
    /// <param name="changedAt">The column that the list is ordered by.</param>
    public string Where(Tx tx, string changedAt) => $"""
        (@show = 'all'
            or (@show = 'open' and t.state not in ('Resolved', 'Closed', 'Merged'))
            or (@show = 'mine' and t.assignee_id = @myself and t.state not in ('Resolved', 'Closed', 'Merged'))
            or (@show = 'waiting' and t.state in ('WaitingForCustomer', 'WaitingForVendor'))
            or (@show = 'resolved' and t.state in ('Resolved', 'Closed'))
            or (@show = 'overdue' and t.state not in ('Resolved', 'Closed', 'Merged')
                and (t.response_due < @now and t.response_state <> 'Met' or t.resolution_due < @now)))
        and (@priority = '' or t.priority = @priority) and (@level = '' or t.level = @level)
        and (@words = '' or {(tx.Engine == DbEngine.Sqlite ? "instr(lower(t.subject), @words)" : "strpos(lower(t.subject), @words)")} > 0)
        and (@beforeId = 0 or {changedAt} < @beforeAt or ({changedAt} = @beforeAt and t.id < @beforeId))
        """;

    public Dictionary<string, object> Values(Instant now, long myself) => new()
    {
        ["show"] = Which, ["now"] = now, ["myself"] = myself, ["priority"] = Priority?.ToString() ?? "", ["level"] = Level?.ToString() ?? "",
        ["words"] = Words.ToLowerInvariant(), ["beforeAt"] = Before?.UpdatedAt.ToUnixTimeMilliseconds() ?? 0, ["beforeId"] = Before?.Id.Value ?? 0,
    };

    private static T? Name<T>(string? text) where T : struct, Enum
        => Enum.TryParse<T>(text, out var value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text![0]) ? value : null;
}

/// <summary>A place in the list, newest change first. A page that begins at a line stays right while tickets move.</summary>
public sealed record TicketCursor(Instant UpdatedAt, TicketId Id)
{
    public static TicketCursor? Parse(string? text)
        => text?.Split('.') is [var at, var id] && long.TryParse(at, out var ms) && ms is > 0 and < 253_402_300_800_000
            && IdText.TryParse<TicketId>(id, out var ticket) ? new(Instant.FromUnixTimeMilliseconds(ms), ticket) : null;

    public override string ToString() => $"{UpdatedAt.ToUnixTimeMilliseconds()}.{Id}";
}
