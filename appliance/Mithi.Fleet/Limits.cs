using NodaTime;

namespace Mithi.Fleet;

/// <summary>Every bound of the fleet in one place.</summary>
internal static class Limits
{
    public const int NameCharsMax = 100;

    // Names in the domain name system, RFC 1035.
    public const int HostLabelCharsMax = 63;
    public const int DomainCharsMax = 253;

    // Everybody else gets his mailbox in the product's own administration; a plan stays one message.
    public const int MailboxesMax = 200;
    public const int MailboxNameCharsMax = 64;
    public const int PasswordCharsMin = 10;
    public const int PasswordCharsMax = 200;

    public const int TextCharsMax = 200;

    // One page of the board.
    public const int PageRows = 50;

    // What a page shows of a log; the rest is a download away.
    public const int LogRowsShown = 100;

    // A machine that waits for its code tells what it is; that much is kept until it is known to be the site's.
    public const int HeldLogEntriesMax = 500;

    public const int OrdersShown = 10;

    // Of one machine: years of an orderly one, a few megabytes of one that fills the node on purpose. The oldest goes.
    public const int LogRowsMax = 20_000;

    // One picture of the installation at most so often to one reader.
    public static readonly TimeSpan LiveStep = TimeSpan.FromMilliseconds(500);

    // Proxies close what is silent for a minute.
    public static readonly TimeSpan LiveQuietMax = TimeSpan.FromSeconds(20);

    // A page's feed ends and is asked for again, so that who may not read any more sees no more.
    public static readonly TimeSpan LiveLifeMax = TimeSpan.FromMinutes(15);

    // Open pages of one node that watch sites; each holds a connection. Who comes later gets one picture and asks again.
    public const int LiveListenersMax = 1_000;

    // Longer than any download; a site asks for the next one before it ends.
    public static readonly Duration TokenLife = Duration.FromHours(24);

    // Until a machine that was switched off must ask again by connecting.
    public static readonly TimeSpan EnrolmentLife = TimeSpan.FromDays(30);

    // A site that is green and not heard of for this long is no longer called green.
    public static readonly Duration SilentMax = Duration.FromMinutes(10);
}
