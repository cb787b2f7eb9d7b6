using Mithi.Cli;
using Mithi.Helpdesk.Tickets;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>What a ticket's log says about its clocks: when each began, paused and stopped. What was promised is not in it.</summary>
/// <remarks>Pure: the same log gives the same facts for ever. They are kept beside the ticket, so that counting again reads no log.</remarks>
/// <param name="Priorities">By time; the first is that of the opening.</param>
/// <param name="NextResponse">The last time that a customer wrote after he had been answered; null when he never did.</param>
internal sealed record ClockFacts(
    IReadOnlyList<PriorityFrom> Priorities, TicketState State, ClockRun FirstResponse, ClockRun? NextResponse, ClockRun Resolution)
{
    public const string ConsentReason = "Waiting for consent to remote access";

    /// <summary>Work waits until the customer lets us in.</summary>
    public bool AwaitsConsent { get; init; }

    public static ClockFacts Of(IEnumerable<TicketEvent> events)
    {
        ClockFacts? facts = null;
        var all = events.ToArray();
        var passed = TicketFold.Passed(all);
        foreach (var happened in all) facts = passed.Contains(happened.Seq) ? facts : Apply(facts, happened);
        Check.That(facts is not null);
        return facts;
    }

    /// <summary>The facts after one more event.</summary>
    /// <param name="before">Null before the first, which is the opening.</param>
    public static ClockFacts Apply(ClockFacts? before, TicketEvent happened)
    {
        var at = happened.At;
        if (happened.Change is TicketChange.Opened opened)
            return new([new(at, opened.Priority)], TicketState.New, ClockRun.From(at), null, ClockRun.From(at));
        Check.That(before is not null);
        return happened.Change switch
        {
            { Answers: true } => before with { FirstResponse = before.FirstResponse.Stopped(at), NextResponse = before.NextResponse?.Stopped(at) },
            { Asks: true } => before.Waiting(false, at).Asked(at),
            TicketChange.PrioritySet set => before with { Priorities = [.. before.Priorities, new(at, set.To)] },
            TicketChange.StateSet set => (set.To.IsStopped() ? before.Waiting(false, at) : before).Moved(set.To, at),
            TicketChange.Imported { Counts: false } => before.Brought(at),
            TicketChange.MergedInto => before.Waiting(false, at).Moved(TicketState.Merged, at),
            TicketChange.MergedFrom merged => before.Joined(merged.Clocks, at),
            TicketChange.ConsentSet set => before.Waiting(set.Waiting && !before.State.IsStopped(), at),
            TicketChange.PromiseWarned warned => before.With(warned.Clock, run => run with { WarnedMilliseconds = warned.UsedMilliseconds }),
            TicketChange.PromiseBroken broken => before.With(broken.Clock, run => run with { Broken = true }),
            _ => before,
        };
    }

    public ClockRun? Run(ClockKind kind) => kind switch
    {
        ClockKind.FirstResponse => FirstResponse,
        ClockKind.NextResponse => NextResponse,
        _ => Resolution,
    };

    /// <summary>What a survivor owes once another ticket is merged into it: of each promise that still runs in either, the one that began first.</summary>
    /// <param name="merged">The other's facts, from before it became merged.</param>
    public ClockFacts Joined(ClockFacts merged, Instant at)
    {
        return this with
        {
            // The first priority holds from the earliest start on.
            Priorities = [Priorities[0] with { From = Instant.Min(Priorities[0].From, merged.Priorities[0].From) }, .. Priorities.Skip(1)],
            FirstResponse = FirstResponse.Stop is null ? First(ClockKind.FirstResponse, FirstResponse, merged.FirstResponse)! : FirstResponse,
            // Who waited for the first response there waits for the next one here, where the first has been given.
            NextResponse = First(ClockKind.NextResponse, NextResponse, merged.NextResponse, FirstResponse.Stop is null ? null : merged.FirstResponse) ?? NextResponse,
            Resolution = Resolution.Stop is null ? First(ClockKind.Resolution, Resolution, merged.Resolution)! : Resolution,
        };

        ClockRun? First(ClockKind kind, ClockRun? own, params ReadOnlySpan<ClockRun?> others)
        {
            var first = own is { Stop: null } ? own : null;
            foreach (var other in others)
                if (other is { Stop: null } && (first is null || other.Start < first.Start)) first = other;
            if (first is null || first == own) return first;
            // What held the other up holds it up no longer; what holds the survivor up does.
            return first.Resumed(at, null, all: true).Paused(at, State.PauseReason(kind)).Paused(at, AwaitsConsent && kind != ClockKind.FirstResponse ? ConsentReason : null);
        }
    }

    private ClockFacts Waiting(bool waiting, Instant at)
    {
        if (waiting == AwaitsConsent) return this;
        var next = NextResponse is { Stop: null } running ? Turned(running) : NextResponse;
        return this with { AwaitsConsent = waiting, NextResponse = next, Resolution = Resolution.Stop is null ? Turned(Resolution) : Resolution };

        ClockRun Turned(ClockRun run) => waiting ? run.Paused(at, ConsentReason) : run.Resumed(at, ConsentReason);
    }

    private ClockFacts With(ClockKind kind, Func<ClockRun, ClockRun> change) => kind switch
    {
        ClockKind.FirstResponse => this with { FirstResponse = change(FirstResponse) },
        ClockKind.NextResponse => NextResponse is { } next ? this with { NextResponse = change(next) } : this,
        _ => this with { Resolution = change(Resolution) },
    };

    /// <summary>A customer wrote. While an answer is owed already, nothing new begins: he has waited since he first asked.</summary>
    private ClockFacts Asked(Instant at)
        => FirstResponse.Stop is null || NextResponse is { Stop: null } ? this
            : this with { NextResponse = ClockRun.From(at).Paused(at, State.PauseReason(ClockKind.NextResponse)) };

    /// <summary>What was promised elsewhere is not ours to count: all before is a pause.</summary>
    private ClockFacts Brought(Instant at)
    {
        return this with { FirstResponse = Without(FirstResponse), NextResponse = NextResponse is { } next ? Without(next) : null, Resolution = Without(Resolution) };

        ClockRun Without(ClockRun run) => at > run.Start ? run with { Pauses = [.. run.Pauses, new(run.Start, at, "Imported")] } : run;
    }

    private ClockFacts Moved(TicketState to, Instant at)
    {
        var resolution = Resolution;
        // Back soon: the time in between did not count. Back late: it is a new promise. The first response is asked once.
        if (State.IsStopped() && !to.IsStopped() && resolution.Stop is { } stop)
            resolution = at - stop > Limits.ReopenMax ? ClockRun.From(at) : resolution with { Stop = null };
        resolution = Turned(resolution, ClockKind.Resolution);
        if (!State.IsStopped() && to.IsStopped()) resolution = resolution with { Stop = at };
        return this with
        {
            State = to, Resolution = resolution,
            FirstResponse = FirstResponse.Stop is null ? Turned(FirstResponse, ClockKind.FirstResponse) : FirstResponse,
            NextResponse = NextResponse is { Stop: null } next ? Turned(next, ClockKind.NextResponse) : NextResponse,
        };

        ClockRun Turned(ClockRun run, ClockKind kind) => run.Resumed(at, State.PauseReason(kind)).Paused(at, to.PauseReason(kind));
    }
}

/// <summary>From when on a ticket was how urgent.</summary>
internal readonly record struct PriorityFrom(Instant From, Priority Priority);

/// <summary>One counting of a clock.</summary>
/// <param name="Pauses">One of each reason lasts at most at a time.</param>
/// <param name="Stop">When what was promised was done; null while it is not.</param>
internal sealed record ClockRun(Instant Start, IReadOnlyList<Pause> Pauses, Instant? Stop)
{
    /// <summary>The last point of warning that somebody was told of.</summary>
    public long WarnedMilliseconds { get; init; }

    /// <summary>It was noted that it was not kept in time.</summary>
    public bool Broken { get; init; }

    public Duration Warned => Duration.FromMilliseconds(WarnedMilliseconds);

    public static ClockRun From(Instant start) => new(start, [], null);

    public ClockRun Stopped(Instant at) => Stop is null ? this with { Stop = at } : this;

    public ClockRun Paused(Instant at, string? reason) => reason is null ? this : this with { Pauses = [.. Pauses, new(at, null, reason)] };

    /// <param name="all">Whatever the reason.</param>
    public ClockRun Resumed(Instant at, string? reason, bool all = false) => reason is null && !all ? this : this with
    {
        Pauses = [.. Pauses.Select(p => p.Until is null && (all || p.Reason == reason) ? p with { Until = at } : p).Where(p => p.Until is null || p.Until > p.From)],
    };
}
