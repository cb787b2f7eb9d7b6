using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;

namespace Mithi.Helpdesk.Ratings;

/// <summary>What a link in a mail proves: that its holder was sent the answer that resolved this ticket. Good for that resolution alone.</summary>
internal sealed class RatingToken(NodeKeys keys)
{
    private const int MacHexDigits = 32;   // 128 bits: a guess that succeeds is not waited for

    private readonly Lazy<byte[]> key = new(() => keys.Get("rating"));

    /// <param name="seq">The entry that resolved it.</param>
    public string Write(TicketId id, long seq) => $"{id}-{seq}-{Mac(id, seq)}";

    /// <summary>Null when it is not ours or was changed.</summary>
    public (TicketId Id, long Seq)? Read(string text)
    {
        if (text.Length > 100 || text.Split('-') is not [var number, var entry, var mac] || !IdText.TryParse<TicketId>(number, out var id)
            || !long.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) return null;
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(mac), Encoding.UTF8.GetBytes(Mac(id, seq))) ? (id, seq) : null;
    }

    private string Mac(TicketId id, long seq)
        => Convert.ToHexStringLower(HMACSHA256.HashData(key.Value, Encoding.ASCII.GetBytes($"{id}-{seq}")))[..MacHexDigits];
}
