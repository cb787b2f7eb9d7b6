using Mithi.Helpdesk.Sla;
using NodaTime;

namespace Mithi.Helpdesk.Tickets;

/// <summary>What readers call things: English keys, translated where they are shown.</summary>
public static class TicketNames
{
    public static string Of(TicketState state) => state switch
    {
        TicketState.New => "New",
        TicketState.Open => "Open",
        TicketState.WaitingForCustomer => "Waiting for customer",
        TicketState.WaitingForVendor => "Waiting for vendor",
        TicketState.Resolved => "Resolved",
        TicketState.Closed => "Closed",
        _ => "Merged",
    };

    public static string Of(TicketKind kind) => kind switch
    {
        TicketKind.Question => "Question",
        TicketKind.Incident => "Incident",
        TicketKind.Defect => "Defect",
        TicketKind.Suggestion => "Suggestion",
        TicketKind.Problem => "Problem",
        _ => "Request",
    };

    public static string Of(LinkRole role) => role switch
    {
        LinkRole.Parent => "Part of",
        LinkRole.Child => "Has the part",
        LinkRole.DuplicateOf => "Duplicate of",
        LinkRole.DuplicatedBy => "Duplicated by",
        LinkRole.BlockedBy => "Blocked by",
        LinkRole.Blocks => "Blocks",
        LinkRole.Cause => "Caused by the problem",
        LinkRole.Effect => "Causes the incident",
        _ => "Related to",
    };

    public static string Of(Priority priority) => priority switch
    {
        Priority.P1 => "P1: nobody can work",
        Priority.P2 => "P2: some can't work",
        Priority.P3 => "P3: a nuisance",
        _ => "P4: when there is time",
    };

    public static string Of(Level level) => level == Level.Development ? "Development" : level.ToString();

    /// <summary>How something came; empty for what was written here.</summary>
    public static string Of(Via via) => via switch
    {
        Via.Mail => "by mail",
        Via.Phone => "by phone",
        Via.Chat => "in the chat",
        _ => "",
    };

    public static string Of(ClockKind clock) => clock switch
    {
        ClockKind.FirstResponse => "First response",
        ClockKind.NextResponse => "Next response",
        _ => "Resolution",
    };

    public static string Of(ClockState state) => state switch
    {
        ClockState.Running => "running",
        ClockState.Paused => "paused",
        ClockState.Met => "kept",
        _ => "overdue",
    };

    public static string View(string which) => which switch
    {
        "open" => "Open",
        "mine" => "Mine",
        "waiting" => "Waiting",
        "overdue" => "Overdue",
        "resolved" => "Resolved",
        _ => "All",
    };

    /// <summary>The colour of a state's badge.</summary>
    public static string Badge(TicketState state) => state switch
    {
        TicketState.Resolved or TicketState.Closed => "badge good",
        TicketState.WaitingForCustomer or TicketState.WaitingForVendor => "badge warn",
        _ => "badge",
    };

    /// <summary>Hours and minutes of work, such as <c>12:05 h</c>.</summary>
    public static string Hours(Duration duration) => $"{(long)duration.TotalHours}:{duration.Minutes:00} h";

    public static string Size(long bytes) => bytes switch
    {
        < 1 << 10 => $"{bytes} B",
        < 1 << 20 => $"{bytes >> 10} KB",
        _ => $"{bytes / (double)(1 << 20):0.0} MB",
    };
}
