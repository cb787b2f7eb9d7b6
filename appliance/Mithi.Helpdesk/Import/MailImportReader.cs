using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MimeKit;
using MimeKit.Utils;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Import;

/// <summary>Reads mailboxes: mbox files, folders of .eml, Maildirs. Mails that name one another become one ticket.</summary>
/// <remarks>Twice over the mails: their heads first, to know which belong together; then each whole, a thread at a time.</remarks>
internal sealed class MailImportReader(FileSystemInfo from, ImportOptions options, ImportReport report, TimeProvider time)
{
    private static readonly EnumerationOptions Deep = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device };

    private readonly List<Head> heads = [];
    private readonly Dictionary<string, int> byId = [];

    public async IAsyncEnumerable<PastRecord> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var progress in Index(ct)) yield return progress;
        var done = 0L;
        foreach (var thread in Threads())
        {
            ct.ThrowIfCancellationRequested();
            if (await TicketAsync(thread, ct) is { } ticket) yield return new PastRecord.Ticket(ticket);
            yield return new PastRecord.Progress(heads.Count + (done += thread.Count), heads.Count * 2L);
        }
    }

    private IEnumerable<PastRecord> Index(CancellationToken ct)
    {
        foreach (var place in Places())
        {
            ct.ThrowIfCancellationRequested();
            if (heads.Count >= ImportLimits.MailsMax)
            {
                report.Leave(place.Where, "", "mail", $"There are more than {ImportLimits.MailsMax} mails.");
                yield break;
            }
            if (place.To - place.From > Limits.MailBytesMax) report.Leave(place.Where, "", "mail", $"It is longer than {Limits.MailBytesMax >> 20} MB.");
            else Add(place);
            if (heads.Count % 1_000 == 0) yield return new PastRecord.Progress(heads.Count, Math.Max(heads.Count * 4L, 1));
        }
    }

    private void Add(Place place)
    {
        HeaderList headers;
        try
        {
            using var raw = Open(place);
            headers = HeaderList.Load(raw);
        }
        catch (Exception e) when (e is FormatException or IOException)
        {
            report.Leave(place.Where, "", "mail", "It does not begin with the headers of a mail.");
            return;
        }
        var id = MimeUtils.EnumerateReferences(Short(headers["Message-Id"])).FirstOrDefault() ?? "";
        string[] parents = [.. MimeUtils.EnumerateReferences(Short(headers["References"])).Concat(MimeUtils.EnumerateReferences(Short(headers["In-Reply-To"])))
            .Where(p => p.Length is > 0 and <= ImportLimits.KeyCharsMax).TakeLast(Limits.ReferencesMax)];
        heads.Add(new(place, id.Length <= ImportLimits.KeyCharsMax ? id : "", parents, At(headers)));
    }

    /// <summary>What belongs together by the ids in it, each the oldest first, and the threads by their beginning.</summary>
    private List<List<Head>> Threads()
    {
        var root = Enumerable.Range(0, heads.Count).ToList();
        for (var i = 0; i < heads.Count; i++)
            foreach (var id in heads[i].Parents.Append(heads[i].Id).Where(id => id.Length > 0))
                if (!byId.TryAdd(id, i)) root[Root(i)] = Root(byId[id]);
        return [.. heads.Select((h, i) => (Head: h, Root: Root(i))).GroupBy(h => h.Root, h => h.Head)
            .Select(t => t.OrderBy(h => h.At).ToList()).OrderBy(t => t[0].At)];

        int Root(int i)
        {
            // Halving the way each time keeps it short, however the mails lie.
            while (root[i] != i) i = root[i] = root[root[i]];
            return i;
        }
    }

    private async Task<PastTicket?> TicketAsync(List<Head> thread, CancellationToken ct)
    {
        var items = new List<PastItem>();
        var (first, requester) = ((ParsedMail?)null, PastPerson.Nobody);
        foreach (var head in thread)
        {
            if (await ParseAsync(head, ct) is not { } read) continue;
            var (mail, key) = read;
            var by = new PastPerson(mail.From, mail.FromName);
            first ??= mail;
            if (requester == PastPerson.Nobody)
                requester = !options.IsOurs(mail.From) ? by : mail.Recipients.FirstOrDefault(r => !options.IsOurs(r)) is { } to ? new(to, "") : requester;
            IReadOnlyList<PastFile> files = [.. mail.Parts.Select(p => new PastFile(p.Name, () => new MemoryStream(p.Content, writable: false)))];
            if (mail.Cut) files = [.. files, new PastFile("mail.eml", () => Open(head.Place))];
            items.Add(new PastItem.Message(head.At, by, key, mail.Body, files, options.IsOurs(mail.From) ? Side.Staff : null, mail.MessageId));
        }
        return first is null ? null : new(thread[0].Place.Where, "", first.Subject, TicketKind.Question, Priority.P3, requester, "", "", "", Via.Mail, items, End(items));
    }

    /// <summary>Null, with a line in the list, when it is no mail of a person's.</summary>
    private async Task<(ParsedMail Mail, string Key)?> ParseAsync(Head head, CancellationToken ct)
    {
        using var raw = Open(head.Place);
        var key = head.Id.Length > 0 ? head.Id : "sha256:" + Convert.ToHexStringLower(await SHA256.HashDataAsync(raw, ct));
        raw.Position = 0;
        try
        {
            var mail = await MailParser.ReadAsync(raw, ct);
            if (mail.Automatic == AutomaticKind.None) return (mail, key);
            report.Leave(head.Place.Where, key, "mail", $"A machine wrote it: {mail.Automatic}.");
        }
        catch (Exception e) when (e is not (OperationCanceledException or IOException or OutOfMemoryException))
        {
            report.Leave(head.Place.Where, key, "mail", $"It can't be read: {e.Message}");
        }
        return null;
    }

    /// <summary>What nobody wrote to for a while is closed; else it is the turn of who did not write last.</summary>
    private TicketState End(List<PastItem> items)
        => time.GetCurrentInstant() - items[^1].At > Limits.ReopenMax ? TicketState.Closed
            : items[^1] is PastItem.Message { Side: Side.Staff } ? TicketState.WaitingForCustomer : TicketState.Open;

    private IEnumerable<Place> Places()
    {
        if (from is FileInfo file) return Mbox(file);
        var folder = (DirectoryInfo)from;
        return folder.EnumerateFiles("*", Deep).Where(IsMail).OrderBy(f => f.FullName, StringComparer.Ordinal).SelectMany(f
            => f.Extension.Equals(".mbox", StringComparison.OrdinalIgnoreCase) ? Mbox(f)
                : [new(f, 0, f.Length, Path.GetRelativePath(folder.FullName, f.FullName), false)]);
    }

    // In a Maildir the folders tell: what is in "tmp" is not whole yet.
    private static bool IsMail(FileInfo file) => file.Directory!.Name is "cur" or "new"
        || file.Extension.Equals(".eml", StringComparison.OrdinalIgnoreCase) || file.Extension.Equals(".mbox", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<Place> Mbox(FileInfo file)
    {
        using var stream = file.OpenRead();
        foreach (var (start, end) in MboxReader.Mails(stream)) yield return new(file, start, end, $"{file.Name}@{start}", true);
    }

    private static MemoryStream Open(Place place)
    {
        using var file = place.File.OpenRead();
        file.Position = place.From;
        var bytes = new byte[place.To - place.From];
        file.ReadExactly(bytes);
        return new(place.IsMbox ? MboxReader.Unmark(bytes) : bytes, writable: false);
    }

    // A mail without a time, or with one that can't be, is as old as the mail before it; the story puts it there.
    private static Instant At(HeaderList headers)
        => DateUtils.TryParse(Short(headers["Date"]), out var date) && date.Year is >= 1980 and < 2200 ? Instant.FromDateTimeOffset(date) : NodaConstants.UnixEpoch;

    private static string Short(string? header) => header is { Length: <= 100_000 } ? header : "";

    private sealed record Place(FileInfo File, long From, long To, string Where, bool IsMbox);

    private sealed record Head(Place Place, string Id, string[] Parents, Instant At);
}
