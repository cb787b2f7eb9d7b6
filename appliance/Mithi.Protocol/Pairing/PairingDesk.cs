using Mithi.Protocol.Keys;

namespace Mithi.Protocol.Pairing;

/// <summary>How a machine's wait for its code ended.</summary>
public enum PairingDecision
{
    /// <summary>Somebody entered the code.</summary>
    Accepted,
    /// <summary>Nobody did in <see cref="Limits.PairingLifetime"/>.</summary>
    Expired,
    /// <summary>Wrong codes used up the tries.</summary>
    TriesUsedUp,
    /// <summary>Another machine of the same site was accepted.</summary>
    OtherMachine,
    /// <summary>The machine left.</summary>
    Withdrawn,
}

/// <summary>What came of a code that was typed at the node.</summary>
public abstract record PairingOutcome
{
    private PairingOutcome() { }

    /// <summary>It fits this machine, which is now the site's.</summary>
    public sealed record Accepted(PendingPairing Machine) : PairingOutcome;

    /// <summary>It fits none; so many tries are left before the waiting machines must make new codes.</summary>
    public sealed record Wrong(int TriesLeft) : PairingOutcome;

    /// <summary>It is not 8 letters and digits of the alphabet. Costs no try.</summary>
    public sealed record Unreadable : PairingOutcome;

    /// <summary>No machine of this site waits.</summary>
    public sealed record NobodyWaits : PairingOutcome;

    /// <summary>Two machines show this code, so it names neither. Both must make new ones.</summary>
    public sealed record Ambiguous : PairingOutcome;
}

/// <summary>A machine that waits for its code to be entered.</summary>
public sealed class PendingPairing : IDisposable
{
    private readonly PairingDesk _desk;
    private readonly TaskCompletionSource<PairingDecision> _decision = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _expiry;

    internal PendingPairing(PairingDesk desk, string site, VerifyingKey device, PairingCode code, TimeProvider time)
    {
        (_desk, Site, Device, Code) = (desk, site, device, code);
        StartedAt = time.GetUtcNow();
        ExpiresAt = StartedAt + Limits.PairingLifetime;
        _expiry = time.CreateTimer(_ => _desk.End(this, PairingDecision.Expired), null, Limits.PairingLifetime, Timeout.InfiniteTimeSpan);
    }

    public string Site { get; }
    public VerifyingKey Device { get; }
    public DateTimeOffset StartedAt { get; }
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>How many wrong codes are still forgiven.</summary>
    public int TriesLeft { get; internal set; } = Limits.PairingTriesMax;

    /// <summary>Completes once: when the code is entered, or cannot be any more.</summary>
    public Task<PairingDecision> Decision => _decision.Task;

    // The node never shows it: the operator reads it out, the engineer types it.
    internal PairingCode Code { get; }

    /// <summary>The machine left.</summary>
    public void Dispose() => _desk.End(this, PairingDecision.Withdrawn);

    internal void Decide(PairingDecision decision)
    {
        _expiry.Dispose();
        _decision.TrySetResult(decision);
    }
}

/// <summary>Where machines wait for their codes, at the node. Holds nothing that outlives their connections.</summary>
/// <param name="time">The clock that ends their wait.</param>
public sealed class PairingDesk(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<PendingPairing> _pending = [];

    /// <summary>Raised after a machine came or went; not under a lock.</summary>
    public event Action<string>? Changed;

    /// <summary>The machines of a site that wait, the oldest first.</summary>
    public IReadOnlyList<PendingPairing> Waiting(string site)
    {
        lock (_lock)
            return [.. _pending.Where(p => p.Site == site)];
    }

    /// <summary>All machines that wait.</summary>
    public IReadOnlyList<PendingPairing> Waiting()
    {
        lock (_lock)
            return [.. _pending];
    }

    /// <summary>A machine starts to wait.</summary>
    /// <exception cref="ProtocolException">Too many wait already.</exception>
    internal PendingPairing Announce(string site, VerifyingKey device, PairingCode code)
    {
        PendingPairing pairing;
        lock (_lock)
        {
            if (_pending.Count >= Limits.PendingMax || _pending.Count(p => p.Site == site) >= Limits.PendingPerSiteMax)
                throw new ProtocolException(ProtocolFault.TooManyPending, "Too many machines wait to be paired.");
            pairing = new(this, site, device, code, time);
            _pending.Add(pairing);
        }
        Changed?.Invoke(site);
        return pairing;
    }

    /// <summary>A person typed a code for a site.</summary>
    /// <remarks>At most one machine can ever be accepted by one call, and the others of the site are refused with it.</remarks>
    public PairingOutcome Try(string site, string typed)
    {
        PairingOutcome outcome;
        lock (_lock)
            outcome = Decide(site, typed);
        Changed?.Invoke(site);
        return outcome;
    }

    internal void End(PendingPairing pairing, PairingDecision decision)
    {
        bool was;
        lock (_lock)
        {
            was = _pending.Remove(pairing);
            if (was)
                pairing.Decide(decision);
        }
        if (was)
            Changed?.Invoke(pairing.Site);
    }

    private PairingOutcome Decide(string site, string typed)
    {
        if (PairingCode.Parse(typed) is not { } code)
            return new PairingOutcome.Unreadable();
        var now = time.GetUtcNow();
        List<PendingPairing> waiting = [.. _pending.Where(p => p.Site == site && now < p.ExpiresAt)];
        if (waiting.Count == 0)
            return new PairingOutcome.NobodyWaits();
        List<PendingPairing> fits = [.. waiting.Where(p => p.Code.Matches(code))];
        switch (fits.Count)
        {
            case 0:
                waiting.ForEach(p => p.TriesLeft--);
                Remove(waiting.Where(p => p.TriesLeft <= 0), PairingDecision.TriesUsedUp);
                return new PairingOutcome.Wrong(waiting.Max(p => p.TriesLeft));
            case 1:
                Remove(fits, PairingDecision.Accepted);
                Remove(waiting.Except(fits), PairingDecision.OtherMachine);
                return new PairingOutcome.Accepted(fits[0]);
            default:
                Remove(fits, PairingDecision.OtherMachine);
                return new PairingOutcome.Ambiguous();
        }
    }

    private void Remove(IEnumerable<PendingPairing> pairings, PairingDecision decision)
    {
        foreach (var pairing in pairings.ToList())
        {
            _pending.Remove(pairing);
            pairing.Decide(decision);
        }
    }
}
