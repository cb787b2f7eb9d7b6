using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Chat;

/// <summary>Who has a ticket's chat open right now. In memory: a restart forgets it, and the pages say it again.</summary>
/// <remarks>Whoever only reads a ticket is not in it: a customer hears of staff that came to talk, and of no other.</remarks>
internal sealed class ChatRoom(TicketFeed feed, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(TicketId Ticket, PersonId Person), Guest> all = [];

    /// <summary>Hears from an open chat; wakes the others when somebody came or went.</summary>
    public void Tell(TicketId id, CurrentPerson me, bool isHere)
    {
        if (me.Id is not { } person) return;
        lock (gate)
        {
            var (key, now) = ((id, person), time.GetCurrentInstant());
            var wasHere = all.TryGetValue(key, out var known) && now < known.Until;
            if (!isHere) all.Remove(key);
            else if (known is not null || HasRoom(now)) all[key] = new(me.Name, me.May(Permission.TicketNote), now + Limits.ViewingLife);
            if (wasHere == isHere) return;
        }
        feed.Tell(TicketNews.Room(id));
    }

    /// <summary>Who else is there, in one line. Staff reads names; a customer reads those of his own side, and that the support is there.</summary>
    public string Line(TicketId id, CurrentPerson me, ReaderTexts t)
    {
        Guest[] others;
        lock (gate)
        {
            var now = time.GetCurrentInstant();
            others = [.. all.Where(g => g.Key.Ticket == id && g.Key.Person != me.Id && now < g.Value.Until).Select(g => g.Value).OrderBy(g => g.Name, StringComparer.Ordinal)];
        }
        var isStaff = me.May(Permission.TicketNote);
        var names = string.Join(", ", others.Where(g => isStaff || !g.IsStaff).Select(g => g.Name));
        return string.Join(' ', new[]
        {
            !isStaff && others.Any(g => g.IsStaff) ? t["Support is here."] : "", names.Length > 0 ? t["Here now: {0}.", names] : "",
        }.Where(s => s.Length > 0));
    }

    private bool HasRoom(Instant now)
    {
        if (all.Count < Limits.WatchersMax) return true;
        foreach (var key in all.Where(g => now >= g.Value.Until).Select(g => g.Key).ToArray()) all.Remove(key);
        return all.Count < Limits.WatchersMax;
    }

    private sealed record Guest(string Name, bool IsStaff, Instant Until);
}
