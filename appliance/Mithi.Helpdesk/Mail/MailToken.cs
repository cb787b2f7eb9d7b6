using System.Security.Cryptography;
using System.Text;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;

namespace Mithi.Helpdesk.Mail;

/// <summary>Ticket numbers that nobody else can make: in the Message-IDs and plus-addresses of what we send.</summary>
/// <remarks>Whoever answers a mail of ours proves by it that he got one about this ticket.</remarks>
internal sealed class MailToken(NodeKeys keys)
{
    private const int MacHexDigits = 32;   // 128 bits: a guess that succeeds is not waited for

    private readonly Lazy<byte[]> key = new(() => keys.Get("mail"));

    /// <summary>The Message-ID of what entry <paramref name="seq"/> sends, without angle brackets; the same each time.</summary>
    public string MessageId(TicketId id, long seq, string host) => $"t{id}.{seq}.{Mac($"{id}.{seq}")}@{host}";

    /// <summary><c>support+t4711.mac@example.org</c> for <c>support@example.org</c>.</summary>
    public string PlusAddress(TicketId id, string address)
        => address.IndexOf('@') is var at && at > 0 ? $"{address[..at]}+t{id}.{Mac($"{id}")}{address[at..]}" : address;

    /// <summary>The ticket that a Message-ID or plus-address of ours names; null when it is not ours or was changed.</summary>
    public TicketId? Read(string text)
    {
        var local = text.LastIndexOf('@') is var at && at > 0 ? text[..at] : text;
        if (local.LastIndexOf('+') is var plus && plus >= 0) local = local[(plus + 1)..];
        if (local is not ['t' or 'T', .. var rest]) return null;
        var parts = rest.Split('.');
        if (parts.Length is not (2 or 3) || !IdText.TryParse<TicketId>(parts[0], out var id)) return null;
        var signed = parts.Length == 2 ? parts[0] : $"{parts[0]}.{parts[1]}";
        // Mail servers may change the case of an address's left part, and hexadecimal does not mind.
        var given = Encoding.ASCII.GetBytes(parts[^1].ToLowerInvariant());
        return CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(Mac(signed))) ? id : null;
    }

    private string Mac(string signed)
        => Convert.ToHexStringLower(HMACSHA256.HashData(key.Value, Encoding.ASCII.GetBytes(signed)))[..MacHexDigits];
}
