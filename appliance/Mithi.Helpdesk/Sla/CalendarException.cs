namespace Mithi.Helpdesk.Sla;

/// <summary>What is wrong with a calendar. The names are stable: they are in logs and in the manual.</summary>
public enum CalendarFault
{
    NoSuchZone,
    BadWindow,
    BadDate,
    TooMany,

    /// <summary>No open minute in 400 days: no promise can be counted by it.</summary>
    NeverOpen,

    NotReadable,
}

/// <summary>A calendar that can't be used, in words for whoever made it.</summary>
public sealed class CalendarException(CalendarFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public CalendarFault Fault { get; } = fault;
}
