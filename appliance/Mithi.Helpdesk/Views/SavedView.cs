using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;

namespace Mithi.Helpdesk.Views;

public readonly record struct ViewId(long Value) : IId<ViewId>
{
    public static ViewId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out ViewId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

/// <summary>A list of tickets with a name.</summary>
/// <param name="OwnerId">Whose it is; null when all of the staff share it.</param>
/// <param name="Query">The list's query string, without the question mark.</param>
public sealed record SavedView(ViewId Id, PersonId? OwnerId, string Name, string Query)
{
    public TicketFilter Filter => TicketFilter.Parse(Query);
}

/// <summary>A line of the side list.</summary>
/// <param name="Name">Translated, or as somebody called it.</param>
/// <param name="Count">Counted to a bound.</param>
/// <param name="IsMore">There are more than that.</param>
/// <param name="Id">Set for one that this reader may remove.</param>
public sealed record ViewLine(string Name, string Url, long Count, bool IsMore, bool IsCurrent, ViewId? Id)
{
    public string Counted => IsMore ? $"{Count}+" : $"{Count}";
}
