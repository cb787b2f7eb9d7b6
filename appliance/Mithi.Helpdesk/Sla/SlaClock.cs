using Mithi.Cli;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>By what a clock counts from an instant on: a change of priority, contract or calendar begins a new one.</summary>
/// <param name="Target">What is promised in all, from the clock's start, not from this term's. Null: nothing is promised.</param>
/// <param name="Retroactive">The time before it counts by this calendar too.</param>
public sealed record ClockTerm(Instant From, WorkingCalendar Calendar, Duration? Target, bool Retroactive = false);

/// <summary>When a clock did not count, and why.</summary>
/// <param name="Until">Null while it lasts.</param>
/// <param name="Reason">English; the page translates it.</param>
public sealed record Pause(Instant From, Instant? Until, string Reason);

/// <summary>Where a clock stands.</summary>
public enum ClockState { Running, Paused, Met, Breached }

/// <summary>One line of how a clock was counted.</summary>
/// <param name="Counted">Whether this time counts; if not, <paramref name="Reason"/> says why.</param>
public sealed record ClockLine(Span Span, bool Counted, string Reason);

/// <summary>How much of a promise to a customer is used, when it is due, and whether it was kept.</summary>
/// <remarks>
/// A pure function of what happened and of the terms that were valid then: the same log gives the same clock for ever.
/// Only this type decides when a promise is due; rows keep what it said, pages show it.
/// </remarks>
public sealed class SlaClock
{
    public const string ClosedReason = "Outside working hours";

    private readonly List<Pause> pauses;

    /// <param name="start">When it began to count.</param>
    /// <param name="terms">By their beginning; the first holds from the start on, whatever it says.</param>
    /// <param name="pauses">In any order; they may overlap.</param>
    /// <param name="stop">When what was promised was done; null while it is not.</param>
    public SlaClock(Instant start, IReadOnlyList<ClockTerm> terms, IReadOnlyList<Pause> pauses, Instant? stop)
    {
        Check.That(terms.Count > 0);
        Check.That(terms.Zip(terms.Skip(1)).All(t => t.First.From <= t.Second.From));
        Check.That(terms.All(t => t.Target is null || t.Target > Duration.Zero && t.Target <= Limits.TargetMax));
        Check.That(stop is null || stop >= start);
        (Start, Stop) = (start, stop);
        // What changed after the promise was kept, or broken and done, changes neither its due time nor its verdict.
        Terms = stop is null ? terms : [.. terms.Where((t, i) => i == 0 || t.From < stop)];
        this.pauses = Union(pauses, stop);
        DueAt = Reaches(target => target);
    }

    public Instant Start { get; }

    public Instant? Stop { get; }

    public IReadOnlyList<ClockTerm> Terms { get; }

    /// <summary>The target that holds last; null when nothing is promised any more.</summary>
    public Duration? Target => Terms[^1].Target;

    /// <summary>It waits for somebody and has not been stopped.</summary>
    public bool IsPaused => Stop is null && pauses is [.., { Until: null }];

    /// <summary>
    /// When the promise is broken unless it is kept before. Null while paused, and when the calendar never opens. It stays once
    /// it has passed: no later term moves it.
    /// </summary>
    public Instant? DueAt { get; }

    /// <summary>The calendar has no open minute in 400 days, so no promise can be counted: somebody has to mend it.</summary>
    public bool IsMisconfigured { get; private set; }

    /// <summary>Counted working time until <paramref name="now"/>, or until it was stopped.</summary>
    public Duration Elapsed(Instant now)
        => Walk(now).Where(l => l.Counted).Aggregate(Duration.Zero, (sum, line) => sum + line.Span.Length);

    /// <summary>Kept if and only if it stopped at or before its due time.</summary>
    public ClockState StateAt(Instant now)
    {
        if (Stop is { } stop && now >= stop) return DueAt is { } due && stop > due ? ClockState.Breached : ClockState.Met;
        if (DueAt is { } at && now > at) return ClockState.Breached;
        return pauses.Any(p => p.From <= now && (p.Until is null || now < p.Until)) ? ClockState.Paused : ClockState.Running;
    }

    /// <summary>When so much is used: a moment of working time.</summary>
    public Instant? At(Duration used) => used <= Duration.Zero ? Start : Reaches(_ => used);

    /// <summary>The first moment at which a term that was valid then had so much used as is asked of its target.</summary>
    /// <param name="used">For a target, how much; null: not by this term.</param>
    public Instant? Reaches(Func<Duration, Duration?> used)
    {
        for (var i = 0; i < Terms.Count; i++)
        {
            if (Terms[i].Target is not { } target || used(target) is not { } asked || Reach(asked, i) is not { } at) continue;
            // What a new term shortens below what is used is reached when that term begins, never before.
            if (i > 0) at = Instant.Max(at, Terms[i].From);
            if (i == Terms.Count - 1 || at < Terms[i + 1].From) return at;
        }
        return null;
    }

    /// <summary>Every stretch from the start to <paramref name="now"/> or the stop, in order, without gaps; the counted sum is <see cref="Elapsed"/>.</summary>
    public IReadOnlyList<ClockLine> Explain(Instant now)
    {
        var lines = new List<ClockLine>();
        foreach (var line in Walk(now))
            if (lines.Count > 0 && lines[^1].Counted == line.Counted && lines[^1].Reason == line.Reason)
                lines[^1] = line with { Span = new(lines[^1].Span.Start, line.Span.End) };
            else lines.Add(line);
        return lines;
    }

    private IEnumerable<ClockLine> Walk(Instant now)
    {
        var end = Stop is { } stop ? Instant.Min(stop, now) : now;
        var last = 0;
        while (last + 1 < Terms.Count && Terms[last + 1].From < end) last++;
        for (var i = FirstOf(last); i <= last; i++)
        {
            var (from, until) = TermSpan(i, last, end);
            foreach (var line in WalkTerm(Terms[i].Calendar, from, until)) yield return line;
        }
    }

    /// <summary>Pauses cut the line first; what is between them is open or not.</summary>
    private IEnumerable<ClockLine> WalkTerm(WorkingCalendar calendar, Instant from, Instant until)
    {
        for (var at = from; at < until;)
        {
            var pause = PauseIn(at, until);
            if (pause is not null && pause.From <= at)
            {
                var paused = pause.Until is { } over ? Instant.Min(over, until) : until;
                yield return new(new(at, paused), false, pause.Reason);
                at = paused;
                continue;
            }
            var free = pause is null ? until : pause.From;
            var open = calendar.Next(at);
            var opens = open is { } span ? Instant.Min(span.Start, free) : free;
            if (opens > at) yield return new(new(at, opens), false, ClosedReason);
            var closes = open is { } s && s.Start < free ? Instant.Min(s.End, free) : opens;
            if (closes > opens) yield return new(new(opens, closes), true, "");
            at = closes;
        }
    }

    /// <summary>When <paramref name="used"/> is reached, counting by the terms up to <paramref name="last"/>, that one without end.</summary>
    private Instant? Reach(Duration used, int last)
    {
        var left = used;
        for (var i = FirstOf(last); i <= last; i++)
        {
            var (at, end) = TermSpan(i, last, Instant.MaxValue);
            while (at < end)
            {
                var pause = PauseIn(at, end);
                if (pause is not null && pause.From <= at)
                {
                    if (pause.Until is not { } over) return null;
                    at = Instant.Min(over, end);
                    continue;
                }
                var free = pause is null ? end : pause.From;
                if (Terms[i].Calendar.Next(at) is not { } span)
                {
                    // A later term may open again; the last one never will.
                    if (i == last)
                    {
                        IsMisconfigured |= i == Terms.Count - 1;
                        return null;
                    }
                    at = free;
                    continue;
                }
                var closes = Instant.Min(span.End, free);
                if (span.Start < closes)
                {
                    var length = closes - span.Start;
                    if (length >= left) return span.Start + left;
                    left -= length;
                }
                at = Instant.Max(closes, Instant.Min(span.Start, free));
            }
        }
        return null;
    }

    private Pause? PauseIn(Instant from, Instant until)
    {
        foreach (var pause in pauses)
            if ((pause.Until is null || pause.Until > from) && pause.From < until) return pause;
        return null;
    }

    /// <summary>The term by which the beginning counts, seen from a later one.</summary>
    private int FirstOf(int last)
    {
        for (var i = last; i > 0; i--)
            if (Terms[i].Retroactive) return i;
        return 0;
    }

    private (Instant From, Instant Until) TermSpan(int i, int last, Instant end)
    {
        var from = i == FirstOf(last) ? Start : Instant.Max(Terms[i].From, Start);
        var until = i == last ? end : Instant.Min(Instant.Max(Terms[i + 1].From, Start), end);
        return (from, Instant.Max(from, until));
    }

    /// <summary>Sorted and without overlap; a stretch with two reasons shows the one that began first.</summary>
    private static List<Pause> Union(IReadOnlyList<Pause> pauses, Instant? stop)
    {
        var union = new List<Pause>(pauses.Count);
        if (pauses.Count == 0) return union;
        foreach (var pause in pauses.Where(p => (p.Until is null || p.Until > p.From) && (stop is null || p.From < stop)).OrderBy(p => p.From))
        {
            var last = union.Count > 0 ? union[^1] : null;
            if (last is { Until: null }) break;
            var from = last?.Until is { } before ? Instant.Max(before, pause.From) : pause.From;
            if (pause.Until is null || pause.Until > from) union.Add(pause with { From = from });
        }
        return union;
    }
}
