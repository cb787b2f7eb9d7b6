using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Mithi.Helpdesk.Tickets;

/// <summary>That something happened to a ticket; what, the listener reads for himself with his own rights.</summary>
/// <param name="IsPublic">Whether a customer may know of it: a note must not even be heard.</param>
internal sealed record TicketNews(TicketId Id, long Seq, bool IsPublic)
{
    /// <summary>Somebody of the staff came, went or began to type: no entry, and not for customers.</summary>
    public static TicketNews Presence(TicketId id) => new(id, 0, IsPublic: false);

    /// <summary>Somebody came to the chat or left it: for everybody who may read the ticket.</summary>
    public static TicketNews Room(TicketId id) => new(id, -1, IsPublic: true);

    /// <summary>The name of the event in an open page's feed.</summary>
    public string Event => Seq switch { 0 => "presence", < 0 => "room", _ => "entry" };
}

/// <summary>Wakes the open pages of a ticket. Losing a wake-up loses nothing: the page reads what is there.</summary>
internal sealed class TicketFeed
{
    private readonly ConcurrentDictionary<Channel<TicketNews>, TicketId> listeners = new();

    public void Tell(TicketNews news)
    {
        foreach (var (channel, id) in listeners) if (id == news.Id) channel.Writer.TryWrite(news);
    }

    /// <summary>News of one ticket until cancelled; ends at once when too many listen already.</summary>
    /// <param name="internalToo">Also of what customers may not know.</param>
    public async IAsyncEnumerable<TicketNews> ListenAsync(TicketId id, bool internalToo, [EnumeratorCancellation] CancellationToken ct)
    {
        if (listeners.Count >= Limits.ListenersMax) yield break;
        // A slow reader needs to know that there is something, not how often.
        var channel = Channel.CreateBounded<TicketNews>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest });
        listeners[channel] = id;
        try
        {
            await foreach (var news in channel.Reader.ReadAllAsync(ct))
                if (news.IsPublic || internalToo) yield return news;
        }
        finally
        {
            listeners.TryRemove(channel, out _);
        }
    }
}
