using System.Globalization;
using System.Text;
using Mithi.Helpdesk.Tickets;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>How the facts of a ticket's clocks rest in the database: short, and quickly read, because a hundred thousand are read at once.</summary>
/// <remarks>
/// Five lines: priorities, <c>P3 1772442000000,P1 1772445600000</c>; state and whether it awaits consent, <c>Open 0</c>; then the
/// runs of first response, next response and resolution, <c>start stop warned broken;from until reason;...</c>. A dash is "not yet",
/// an empty line no run. Times are unix milliseconds.
/// </remarks>
internal static class ClockText
{
    public static string Write(ClockFacts facts)
    {
        var text = new StringBuilder();
        text.AppendJoin(',', facts.Priorities.Select(p => $"{p.Priority} {p.From.ToUnixTimeMilliseconds()}"));
        text.Append('\n').Append(facts.State).Append(' ').Append(facts.AwaitsConsent ? '1' : '0');
        foreach (var kind in TicketClocks.Kinds)
        {
            text.Append('\n');
            if (facts.Run(kind) is not { } run) continue;
            text.Append(CultureInfo.InvariantCulture, $"{run.Start.ToUnixTimeMilliseconds()} {Time(run.Stop)} {run.WarnedMilliseconds} {(run.Broken ? 1 : 0)}");
            foreach (var pause in run.Pauses) text.Append(CultureInfo.InvariantCulture, $";{Time(pause.From)} {Time(pause.Until)} {pause.Reason}");
        }
        return text.ToString();

        static string Time(Instant? at) => at?.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) ?? "-";
    }

    public static ClockFacts Read(ReadOnlySpan<char> text)
    {
        var priorities = new List<PriorityFrom>(1);
        for (var line = Next(ref text, '\n'); line.Length > 0;)
        {
            var one = Next(ref line, ',');
            var name = Next(ref one, ' ');
            priorities.Add(new(Time(one)!.Value, (Priority)(name[1] - '1')));
        }
        var moved = Next(ref text, '\n');
        var state = Enum.Parse<TicketState>(Next(ref moved, ' '));
        return new(priorities, state, Run(Next(ref text, '\n'))!, Run(Next(ref text, '\n')), Run(text)!) { AwaitsConsent = moved is "1" };
    }

    private static ClockRun? Run(ReadOnlySpan<char> line)
    {
        if (line.Length == 0) return null;
        var head = Next(ref line, ';');
        var (start, stop) = (Time(Next(ref head, ' '))!.Value, Time(Next(ref head, ' ')));
        var warned = long.Parse(Next(ref head, ' '), CultureInfo.InvariantCulture);
        var pauses = new List<Pause>(0);
        while (line.Length > 0)
        {
            var pause = Next(ref line, ';');
            pauses.Add(new(Time(Next(ref pause, ' '))!.Value, Time(Next(ref pause, ' ')), pause.ToString()));
        }
        return new(start, pauses, stop) { WarnedMilliseconds = warned, Broken = head is "1" };
    }

    private static Instant? Time(ReadOnlySpan<char> text)
        => text is "-" ? null : Instant.FromUnixTimeMilliseconds(long.Parse(text, CultureInfo.InvariantCulture));

    private static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest, char end)
    {
        var at = rest.IndexOf(end);
        var found = at < 0 ? rest : rest[..at];
        rest = at < 0 ? [] : rest[(at + 1)..];
        return found;
    }
}
