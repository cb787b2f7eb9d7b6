using Microsoft.AspNetCore.Http;
using Mithi.Helpdesk.Reports;
using Microsoft.AspNetCore.WebUtilities;
using Mithi.Kernel.Data;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

/// <summary>Which tickets a list shows: query string in, SQL out.</summary>
/// <param name="Which">"open" (the default), "all", "mine", "waiting", "overdue", "resolved".</param>
/// <param name="Before">The last line of the page before; null for the first page.</param>
public sealed record TicketFilter(string Which, Priority? Priority, Level? Level, string Words, TicketCursor? Before, ReportSlice? Slice = null)
{
    public static readonly IReadOnlyList<string> Views = ["open", "mine", "waiting", "overdue", "resolved", "all"];

    public bool IsNarrowed => Which != "open" || Priority is not null || Level is not null || Words.Length > 0 || Slice is not null;

    /// <summary>What can't be understood is as if it were not there.</summary>
    public static TicketFilter Read(IQueryCollection query) => Read(query, ReportSlice.Read(query));

    private static TicketFilter Read(IQueryCollection query, ReportSlice? slice) => new(
        // What a report counted is shown whole, unless somebody narrows it.
        Views.Contains(query["show"].ToString()) ? query["show"].ToString() : slice is null ? "open" : "all",
        Name<Priority>(query["priority"]), Name<Level>(query["level"]), query["q"].ToString().Trim() is { Length: <= 200 } words ? words : "",
        TicketCursor.Parse(query["before"]), slice);

    /// <summary>From a query string that was kept.</summary>
    public static TicketFilter Parse(string query) => Read(new QueryCollection(QueryHelpers.ParseQuery(query)));

    /// <summary>The query string that <see cref="Parse"/> reads: this list from its first line on.</summary>
    public string Query => Url(null)["/tickets".Length..].TrimStart('?');

    /// <summary>The address of this list, from another line on.</summary>
    public string Url(TicketCursor? before) => "/tickets" + QueryString.Create(new Dictionary<string, string?>
    {
        ["show"] = Which, ["priority"] = Priority?.ToString(), ["level"] = Level?.ToString(),
        ["q"] = Words.Length > 0 ? Words : null, ["before"] = before?.ToString(),
    }.Concat(Slice?.Query ?? []).Where(p => p.Value is not null));

    /// <summary>Conditions over <c>ticket t</c>, each in the words of an index; their values are <see cref="Values"/>.</summary>
    /// <param name="changedAt">The column that the list is ordered by.</param>
    public string Where(string changedAt)
    {
        var all = new List<string>
        {
            Which switch
            {
                "all" => "1 = 1",
                "mine" => "t.stopped_at is null and t.assignee_id = @myself",
                "waiting" => "t.state in ('WaitingForCustomer', 'WaitingForVendor')",
                "resolved" => "t.state in ('Resolved', 'Closed')",
                "overdue" => "t.stopped_at is null and t.next_due < @now",
                _ => "t.stopped_at is null",
            },
        };
        if (Priority is not null) all.Add("t.priority = @priority");
        if (Level is not null) all.Add("t.level = @level");
        if (Slice is not null) all.Add(Slice.Where);
        if (Before is not null) all.Add(IsByDue ? "(t.next_due, t.id) > (@beforeAt, @beforeId)" : $"({Slice?.Order ?? changedAt}, t.id) < (@beforeAt, @beforeId)");
        return string.Join(" and ", all);
    }

    /// <summary>What is late begins with what is late the longest; every other list with what changed last.</summary>
    public bool IsByDue => Which == "overdue" && Slice is null;

    public string Order(string changedAt) => IsByDue ? "t.next_due, t.id" : $"{Slice?.Order ?? changedAt} desc, t.id desc";

    /// <param name="zone">The reader's: days begin there.</param>
    public Dictionary<string, object> Values(Instant now, long myself, DateTimeZone zone) => new(Slice?.Values(zone) ?? [])
    {
        ["now"] = now, ["myself"] = myself, ["priority"] = Priority?.ToString() ?? "", ["level"] = Level?.ToString() ?? "",
        ["beforeAt"] = Before?.At.ToUnixTimeMilliseconds() ?? 0, ["beforeId"] = Before?.Id.Value ?? 0,
    };

    private static T? Name<T>(string? text) where T : struct, Enum
        => Enum.TryParse<T>(text, out var value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text![0]) ? value : null;
}

/// <summary>A place in the list. A page that begins at a line stays right while tickets move.</summary>
/// <param name="At">When the line's ticket changed last, or when it is due: whatever the list is ordered by.</param>
public sealed record TicketCursor(Instant At, TicketId Id)
{
    public static TicketCursor? Parse(string? text)
        => text?.Split('.') is [var at, var id] && long.TryParse(at, out var ms) && ms is > 0 and < 253_402_300_800_000
            && IdText.TryParse<TicketId>(id, out var ticket) ? new(Instant.FromUnixTimeMilliseconds(ms), ticket) : null;

    public override string ToString() => $"{At.ToUnixTimeMilliseconds()}.{Id}";
}
