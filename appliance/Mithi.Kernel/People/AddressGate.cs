using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using NodaTime;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.People;

/// <summary>Counts wrong attempts by address, for all people together: whoever tries one password on many people is stopped too.</summary>
/// <remarks>In memory: a restart forgets it, and the lock of each person, which is in the database, still holds.</remarks>
public sealed class AddressGate(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Tally> tallies = new();

    /// <summary>Counts an attempt; false when this address has had too many. <see cref="Forgive"/> takes it back.</summary>
    public bool Enter(IPAddress? address)
    {
        var now = time.GetCurrentInstant();
        if (tallies.Count >= Limits.AddressesMax) Forget(now);
        var tally = tallies.AddOrUpdate(KeyOf(address), _ => new(1, now),
            (_, t) => now - t.Since >= Limits.AddressWindow || t.Since > now ? new(1, now) : t with { Count = t.Count + 1 });
        return tally.Count <= Limits.AddressFailuresMax;
    }

    /// <summary>The attempt was right, or had nothing to do with guessing.</summary>
    public void Forgive(IPAddress? address)
    {
        var key = KeyOf(address);
        if (tallies.TryGetValue(key, out var tally) && tally.Count > 0) tallies.TryUpdate(key, tally with { Count = tally.Count - 1 }, tally);
    }

    /// <summary>An IPv4 address, or the /64 that one customer of a provider gets.</summary>
    public static string KeyOf(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes) + "/64";
    }

    private void Forget(Instant now)
    {
        foreach (var (key, tally) in tallies)
            if (now - tally.Since >= Limits.AddressWindow) tallies.TryRemove(key, out _);
        foreach (var (key, _) in tallies.OrderBy(t => t.Value.Since).Take(Math.Max(0, tallies.Count - (Limits.AddressesMax / 2))))
            tallies.TryRemove(key, out _);
    }

    private sealed record Tally(int Count, Instant Since);
}
