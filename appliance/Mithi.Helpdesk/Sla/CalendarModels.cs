using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

public sealed record CalendarName(long Id, string Name);

/// <param name="Uses">How many contracts of now count by it.</param>
/// <param name="NeverOpens">It has no open minute in 400 days.</param>
public sealed record CalendarLine(long Id, string Name, string Zone, IReadOnlyList<string> Week, int Uses, bool NeverOpens);

public sealed record CalendarsModel(IReadOnlyList<CalendarLine> Lines, string Name, FormErrors? Errors);

/// <summary>One saved state of a calendar.</summary>
/// <param name="Lines">What it says, as it is typed.</param>
public sealed record CalendarVersionLine(int Version, Instant EffectiveFrom, Instant MadeAt, string MadeBy, IReadOnlyList<string> Lines);

/// <param name="OrganisationId">Null: everybody who has agreed nothing else.</param>
public sealed record CalendarUse(long? OrganisationId, string Organisation, string Contract);

/// <param name="Open">Empty: closed.</param>
public sealed record PreviewDay(LocalDate Date, string Open);

/// <summary>The page of a calendar.</summary>
public sealed record CalendarModel(long Id, string Name, CalendarForm Form, IReadOnlyList<CalendarVersionLine> Versions, IReadOnlyList<CalendarUse> Uses,
    IReadOnlyList<PreviewDay> Preview, WhatIfAnswer? Answer, FormErrors? Errors);

/// <summary>The page of what is promised to everybody.</summary>
public sealed record PromisesModel(PromiseForm Form, IReadOnlyList<CalendarName> Calendars, IReadOnlyList<PromiseVersionLine> Versions,
    WhatIfAnswer? Answer, FormErrors? Errors);

public sealed record PromiseVersionLine(long Id, Instant EffectiveFrom, Instant MadeAt, string MadeBy, IReadOnlyList<string> Lines);

/// <summary>Which verdicts another calendar or another promise would have changed.</summary>
/// <param name="Looked">Tickets that were counted.</param>
/// <param name="HasMore">There are older ones since that day.</param>
/// <param name="Broken">Promises that would be overdue and are not.</param>
/// <param name="Kept">Promises that would be in time and are not.</param>
/// <param name="Moved">Due times that would move, these among them.</param>
/// <param name="Lines">The newest verdicts that would change.</param>
public sealed record WhatIfAnswer(int Looked, bool HasMore, int Broken, int Kept, int Moved, IReadOnlyList<WhatIfLine> Lines);

public sealed record WhatIfLine(TicketId Id, string Subject, ClockKind Clock, Instant? Before, Instant? After, bool WouldBreak);
