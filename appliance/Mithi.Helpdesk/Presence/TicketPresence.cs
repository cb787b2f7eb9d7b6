using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Presence;

/// <summary>What somebody does with a ticket's page. The names are what scripts send.</summary>
public enum Doing { Gone, Viewing, Typing }

/// <summary>Another of the staff on the same ticket.</summary>
public sealed record Watcher(string Name, Doing Doing);

/// <summary>Who of the staff has a ticket open right now, and who is typing. In memory: a restart forgets it, and the pages say it again.</summary>
internal sealed class TicketPresence(TicketFeed feed, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(TicketId Ticket, PersonId Person), Seen> all = [];

    private Instant Now => time.GetCurrentInstant();

    /// <summary>Hears from a page; wakes the others when it is news to them.</summary>
    public void Tell(TicketId id, CurrentPerson me, Doing doing)
    {
        if (me.Id is not { } person) return;
        lock (gate)
        {
            var (key, now) = ((id, person), Now);
            var before = all.TryGetValue(key, out var known) ? known.At(now) : Doing.Gone;
            if (doing == Doing.Gone) all.Remove(key);
            else if (known is not null || HasRoom(now)) all[key] = new(me.Name, now + Limits.ViewingLife, doing == Doing.Typing ? now + Limits.TypingLife : known?.TypingUntil ?? Instant.MinValue);
            var after = all.TryGetValue(key, out var told) ? told.At(now) : Doing.Gone;
            if (before == after) return;
        }
        feed.Tell(TicketNews.Presence(id));
    }

    /// <summary>Everybody else who is on this ticket, who is typing first.</summary>
    public IReadOnlyList<Watcher> Others(TicketId id, CurrentPerson me)
    {
        lock (gate)
        {
            var now = Now;
            return [.. all.Where(seen => seen.Key.Ticket == id && seen.Key.Person != me.Id).Select(seen => new Watcher(seen.Value.Name, seen.Value.At(now)))
                .Where(w => w.Doing != Doing.Gone).OrderByDescending(w => w.Doing).ThenBy(w => w.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>The line that is shown of them; empty when one is alone.</summary>
    public static string Line(IReadOnlyList<Watcher> others, ReaderTexts t)
    {
        string Names(Doing doing) => string.Join(", ", others.Where(o => o.Doing == doing).Select(o => o.Name));
        var (typing, viewing) = (Names(Doing.Typing), Names(Doing.Viewing));
        return string.Join(' ', new[] { typing.Length > 0 ? t["Writing here now: {0}.", typing] : "", viewing.Length > 0 ? t["Reading this now: {0}.", viewing] : "" }.Where(s => s.Length > 0));
    }

    private bool HasRoom(Instant now)
    {
        if (all.Count < Limits.WatchersMax) return true;
        foreach (var key in all.Where(seen => seen.Value.At(now) == Doing.Gone).Select(seen => seen.Key).ToArray()) all.Remove(key);
        return all.Count < Limits.WatchersMax;
    }

    private sealed record Seen(string Name, Instant ViewingUntil, Instant TypingUntil)
    {
        public Doing At(Instant now) => now >= ViewingUntil ? Doing.Gone : now < TypingUntil ? Doing.Typing : Doing.Viewing;
    }
}
