using System.Text.Json;
using Mithi.Cli;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Jobs;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>What a ticket's log says about its clocks: when each began, paused and stopped. What was promised is not in it.</summary>
/// <remarks>Pure: the same log gives the same facts for ever. They are kept beside the ticket, so that counting again reads no log.</remarks>
/// <param name="Priorities">By time; the first is that of the opening.</param>
/// <param name="NextResponse">The last time that a customer wrote after he had been answered; null when he never did.</param>
internal sealed record ClockFacts(
    IReadOnlyList<PriorityFrom> Priorities, TicketState State, ClockRun FirstResponse, ClockRun? NextResponse, ClockRun Resolution)
{
    public static ClockFacts Of(IEnumerable<TicketEvent> events)
    {
        ClockFacts? facts = null;
        foreach (var happened in events) facts = Apply(facts, happened);
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
            TicketChange.Replied { Side: Side.Customer } => before.Asked(at),
            TicketChange.PrioritySet set => before with { Priorities = [.. before.Priorities, new(at, set.To)] },
            TicketChange.StateSet set => before.Moved(set.To, at),
            _ => before,
        };
    }

    public static ClockFacts Read(string text) => JsonSerializer.Deserialize<ClockFacts>(text, JobJson.Options)!;

    public string Write() => JsonSerializer.Serialize(this, JobJson.Options);

    public ClockRun? Run(ClockKind kind) => kind switch
    {
        ClockKind.FirstResponse => FirstResponse,
        ClockKind.NextResponse => NextResponse,
        _ => Resolution,
    };

    /// <summary>A customer wrote. While an answer is owed already, nothing new begins: he has waited since he first asked.</summary>
    private ClockFacts Asked(Instant at)
        => FirstResponse.Stop is null || NextResponse is { Stop: null } ? this
            : this with { NextResponse = ClockRun.From(at).Paused(at, State.PauseReason(ClockKind.NextResponse)) };

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
    public static ClockRun From(Instant start) => new(start, [], null);

    public ClockRun Stopped(Instant at) => Stop is null ? this with { Stop = at } : this;

    public ClockRun Paused(Instant at, string? reason) => reason is null ? this : this with { Pauses = [.. Pauses, new(at, null, reason)] };

    public ClockRun Resumed(Instant at, string? reason) => reason is null ? this : this with
    {
        Pauses = [.. Pauses.Select(p => p.Until is null && p.Reason == reason ? p with { Until = at } : p).Where(p => p.Until is null || p.Until > p.From)],
    };
}
