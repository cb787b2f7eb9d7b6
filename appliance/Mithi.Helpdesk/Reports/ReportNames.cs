namespace Mithi.Helpdesk.Reports;

/// <summary>English keys, translated where they are shown.</summary>
public static class ReportNames
{
    public static string Of(Measure measure) => measure switch
    {
        Measure.Opened => "Opened",
        Measure.ResponseKept => "First response in time",
        Measure.ResponseBroken => "First response late",
        Measure.NextKept => "Next response in time",
        Measure.NextBroken => "Next response late",
        Measure.Ended => "Resolved at least once",
        Measure.Reopened => "Came back",
        Measure.Resolved => "Resolved",
        Measure.ResolutionKept => "Resolved in time",
        Measure.ResolutionBroken => "Resolved late",
        Measure.RatedGood => "Solved well",
        Measure.RatedBad => "Not solved well",
        Measure.OnL1 => "L1",
        Measure.OnL2 => "L2",
        Measure.OnL3 => "L3",
        Measure.OnDevelopment => "Development",
        Measure.PingPong => "Back on a level",
        Measure.Backlog => "Open",
        Measure.Overdue => "Overdue",
        Measure.UnderOneDay => "Under 1 day",
        Measure.UnderThreeDays => "1 to 3 days",
        Measure.UnderOneWeek => "3 to 7 days",
        Measure.UnderOneMonth => "7 to 30 days",
        Measure.UnderThreeMonths => "30 to 90 days",
        _ => "Over 90 days",
    };

    public static string Of(Grouping by) => by switch
    {
        Grouping.Priority => "Priority",
        Grouping.Customer => "Customer",
        Grouping.Kind => "Kind",
        Grouping.Product => "Product",
        Grouping.Level => "Level",
        Grouping.Engineer => "Engineer",
        _ => "All tickets",
    };

    public static string Of(PeriodKind kind) => kind switch
    {
        PeriodKind.Week => "This week",
        PeriodKind.Month => "This month",
        PeriodKind.Quarter => "This quarter",
        _ => "Chosen days",
    };
}
