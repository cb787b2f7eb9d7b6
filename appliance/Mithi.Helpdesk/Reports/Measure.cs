namespace Mithi.Helpdesk.Reports;

/// <summary>What a report counts. Each is a condition over tickets, and the list behind the number is made by the same one.</summary>
public enum Measure
{
    Opened, ResponseKept, ResponseBroken, NextKept, NextBroken, Ended, Reopened,
    Resolved, ResolutionKept, ResolutionBroken, RatedGood, RatedBad,
    OnL1, OnL2, OnL3, OnDevelopment, PingPong,
    Backlog, Overdue, UnderOneDay, UnderThreeDays, UnderOneWeek, UnderOneMonth, UnderThreeMonths, Older,
}

/// <summary>Measures in the words of the database, over <c>ticket t</c> and <c>ticket_fact f</c>.</summary>
/// <remarks>Values: <c>@from</c>, <c>@until</c> (the first moment after) and <c>@now</c>. What was merged counts in its survivor alone.</remarks>
internal static class Measures
{
    private const long Day = 86_400_000;

    /// <summary>The tickets that were opened in the period. A promise that nobody kept counts as broken before anybody answers: waiting does not mend a report.</summary>
    public static readonly IReadOnlyList<Measure> OfOpened =
        [Measure.Opened, Measure.ResponseKept, Measure.ResponseBroken, Measure.NextKept, Measure.NextBroken, Measure.Ended, Measure.Reopened];

    /// <summary>The tickets that were resolved in the period and still are.</summary>
    public static readonly IReadOnlyList<Measure> OfResolved =
        [Measure.Resolved, Measure.ResolutionKept, Measure.ResolutionBroken, Measure.RatedGood, Measure.RatedBad];

    /// <summary>Of the same tickets, which levels had them; for staff.</summary>
    public static readonly IReadOnlyList<Measure> OfLevels = [Measure.OnL1, Measure.OnL2, Measure.OnL3, Measure.OnDevelopment, Measure.PingPong];

    /// <summary>What is open now, by how long it has been.</summary>
    public static readonly IReadOnlyList<Measure> OfBacklog =
        [Measure.Backlog, Measure.Overdue, Measure.UnderOneDay, Measure.UnderThreeDays, Measure.UnderOneWeek, Measure.UnderOneMonth, Measure.UnderThreeMonths, Measure.Older];

    public static readonly IReadOnlyList<Measure> Ages =
        [Measure.UnderOneDay, Measure.UnderThreeDays, Measure.UnderOneWeek, Measure.UnderOneMonth, Measure.UnderThreeMonths, Measure.Older];

    /// <summary>Which tickets a measure looks at, in words that an index serves.</summary>
    public static string Among(Measure measure) => measure switch
    {
        _ when OfOpened.Contains(measure) => "t.opened_at >= @from and t.opened_at < @until and t.state <> 'Merged'",
        _ when OfResolved.Contains(measure) || OfLevels.Contains(measure) => "t.state in ('Resolved', 'Closed') and t.stopped_at >= @from and t.stopped_at < @until",
        _ => "t.stopped_at is null",
    };

    /// <summary>Which of those it counts.</summary>
    public static string Counts(Measure measure) => measure switch
    {
        Measure.ResponseKept => "f.response_kept = 1",
        Measure.ResponseBroken => "(f.response_kept = 0 or f.response_at is null and t.response_due < @now)",
        Measure.NextKept => $"f.next_promised > 0 and not {NextBroken}",
        Measure.NextBroken => NextBroken,
        Measure.Ended => "f.first_ended_at is not null",
        Measure.Reopened => "f.reopened > 0",
        Measure.ResolutionKept => "f.resolution_kept = 1",
        Measure.ResolutionBroken => "f.resolution_kept = 0",
        Measure.RatedGood => "f.rating = 'Good'",
        Measure.RatedBad => "f.rating = 'Bad'",
        Measure.OnL1 => On("L1"),
        Measure.OnL2 => On("L2"),
        Measure.OnL3 => On("L3"),
        Measure.OnDevelopment => On("Development"),
        // Left a level for another one, and was there again.
        Measure.PingPong => """
            exists (select 1 from ticket_level_span a join ticket_level_span m on m.ticket_id = a.ticket_id and m.seq > a.seq and m.level <> a.level
                join ticket_level_span b on b.ticket_id = a.ticket_id and b.seq > m.seq and b.level = a.level where a.ticket_id = t.id)
            """,
        Measure.Overdue => "t.next_due < @now",
        Measure.UnderOneDay => Age(0, 1),
        Measure.UnderThreeDays => Age(1, 3),
        Measure.UnderOneWeek => Age(3, 7),
        Measure.UnderOneMonth => Age(7, 30),
        Measure.UnderThreeMonths => Age(30, 90),
        Measure.Older => $"t.opened_at <= @now - {90 * Day}",
        _ => "1 = 1",
    };

    /// <summary>All measures of a kind that a ticket counts for, as bits in their order.</summary>
    public static string Bits(IReadOnlyList<Measure> measures)
        => string.Join(" + ", measures.Select((m, i) => $"case when {Counts(m)} then {1 << i} else 0 end"));

    /// <summary>The column by which the list behind a measure goes, the newest first.</summary>
    public static string Order(Measure measure) => OfResolved.Contains(measure) || OfLevels.Contains(measure) ? "t.stopped_at" : "t.opened_at";

    private const string NextBroken = "(f.next_broken > 0 or f.next_open = 1 and coalesce(t.next_response_due < @now, 1 = 0))";

    private static string On(string level) => $"exists (select 1 from ticket_level_span s where s.ticket_id = t.id and s.level = '{level}')";

    private static string Age(int from, int below) => $"t.opened_at <= @now - {from * Day} and t.opened_at > @now - {below * Day}";
}
