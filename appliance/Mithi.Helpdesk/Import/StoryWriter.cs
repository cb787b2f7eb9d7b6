using System.Text;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Import;

/// <summary>A ticket that is ready to be written: its entries in our words, its files kept.</summary>
/// <param name="Keys">Of the items, beside their place in the story; empty where they have none.</param>
internal sealed record Story(PastTicket Past, IReadOnlyList<PastEntry> Entries, IReadOnlyList<string> Keys, IReadOnlyList<string> MessageIds, int Files)
{
    public long Chars => Entries.Sum(e => (long)e.Body.Length);
}

/// <summary>Puts what happened in another helpdesk into our words. What has no place here is listed.</summary>
internal sealed class StoryWriter(BlobStore blobs, ImportOptions options, ImportReport report, TimeProvider time)
{
    private readonly Dictionary<string, Person?> people = [];
    private readonly Dictionary<string, OrganisationId?> organisations = [];

    /// <summary>Somebody was added.</summary>
    public void Forget()
    {
        people.Clear();
        organisations.Clear();
    }

    /// <param name="before">The ticket as an earlier run made it, and which items it has; null for a new one.</param>
    public async Task<Story?> WriteAsync(Tx tx, PastTicket past, Ticket? before, IReadOnlySet<string> known, CancellationToken ct)
    {
        var latest = time.GetCurrentInstant();
        var items = past.Items.Where(i => i.Key.Length == 0 || !known.Contains(i.Key)).OrderBy(i => i.At).ToList();
        if (before is null && items.FirstOrDefault() is not PastItem.Message)
        {
            report.Leave(past.Where, past.Key, "entries", "The first entry has to be a message.");
            return null;
        }
        var (entries, keys, ids, files) = (new List<PastEntry>(), new List<string>(), new List<string>(), 0);
        var (state, priority, level) = (before?.State ?? TicketState.New, before?.Priority ?? past.Priority, before?.Level ?? Level.L1);
        foreach (var item in items)
        {
            if (item.At > latest) report.Leave(past.Where, past.Key, "at", $"{item.At} has not been yet; it is as of now.");
            var at = Instant.Min(item.At, latest);
            var by = await PersonAsync(tx, item.By.Email);
            var actor = new Actor(by?.Id, Name(by?.Name ?? (item.By.Name.Length > 0 ? item.By.Name : item.By.Email)));
            var entry = item switch
            {
                PastItem.Message m => await MessageAsync(tx, past, m, at, actor, by, entries.Count == 0 && before is null, ct),
                PastItem.Note n => await NoteAsync(past, n, at, actor, ct),
                PastItem.State s when s.To is TicketState.Merged or TicketState.New => Leave(past, $"state {s.To}", "A ticket can't come over in it."),
                PastItem.State s => s.To == state ? null : new PastEntry(at, actor, new TicketChange.StateSet(state, s.To)),
                PastItem.Urgency u => u.To == priority ? null : new PastEntry(at, actor, new TicketChange.PrioritySet(priority, u.To)),
                PastItem.Desk d => d.To == level ? null : new PastEntry(at, actor, new TicketChange.HandedOver(level, d.To), Text(d.Reason, Limits.ReasonCharsMax)),
                PastItem.Owner o => await OwnerAsync(tx, past, o, at, actor),
                _ => throw new InvalidOperationException("There is no other kind of item."),
            };
            if (entry is null) continue;
            if (entry.Change is TicketChange.StateSet set) state = set.To;
            if (entry.Change is TicketChange.PrioritySet urgency) priority = urgency.To;
            if (entry.Change is TicketChange.HandedOver over) level = over.To;
            entries.Add(entry);
            keys.Add(item.Key);
            if (item is PastItem.Message { MessageId.Length: > 0 } mail) ids.Add(mail.MessageId);
            files += Files(entry.Change).Count;
        }
        if (entries.Count == 0) return null;
        End(past, entries, before, ref state);
        return new(past, entries, keys, ids, files);
    }

    public async Task<Person?> PersonAsync(Tx tx, string email)
    {
        if (!Email.IsAddress(email)) return null;
        if (!people.TryGetValue(Email.Key(email), out var person)) people[Email.Key(email)] = person = await PersonStore.ByEmailAsync(tx, email);
        return person;
    }

    private void End(PastTicket past, List<PastEntry> entries, Ticket? before, ref TicketState state)
    {
        var last = entries[^1].At;
        if (past.End is { } end && end != state)
        {
            if (end is TicketState.Merged) Leave(past, "state Merged", "Merged tickets come over closed.");
            if (end is TicketState.Merged) end = TicketState.Closed;
            if (end != TicketState.New)
            {
                entries.Add(new(last, Actor.House, new TicketChange.StateSet(state, end)));
                state = end;
            }
        }
        var counts = options.Clocks == ImportedClocks.All || (options.Clocks == ImportedClocks.Open && !state.IsStopped());
        // What is not counted but goes on is counted from now on.
        if (before is null) entries.Add(new(counts || state.IsStopped() ? last : time.GetCurrentInstant(), Actor.House, new TicketChange.Imported(options.Source, past.Key, counts)));
    }

    private async Task<PastEntry> MessageAsync(Tx tx, PastTicket past, PastItem.Message item, Instant at, Actor actor, Person? by, bool opens, CancellationToken ct)
    {
        var (body, files) = await BodyAsync(past, item.Body, item.Files, ct);
        var side = item.Side ?? (by?.Role.IsStaff() == true || options.IsOurs(item.By.Email) ? Side.Staff : Side.Customer);
        if (!opens) return new(at, actor, new TicketChange.Replied(side, past.Via, files), body);
        var requester = await PersonAsync(tx, past.Requester.Email);
        var home = past.Organisation.Length > 0 ? await OrganisationAsync(tx, past.Organisation) : requester?.OrganisationId;
        if (home is null) Leave(past, $"requester {past.Requester.Email}", "Nobody here has this address: staff alone sees the ticket.");
        // A person of another organisation must not see a ticket by a mistake in an export.
        var isOurs = requester is not null && requester.OrganisationId == home;
        var email = Email.IsAddress(past.Requester.Email) ? past.Requester.Email : "";
        var name = isOurs ? requester!.Name : past.Requester.Name.Length > 0 ? past.Requester.Name : email.Length > 0 ? email : "?";
        return new(at, actor, new TicketChange.Opened(home, isOurs ? requester!.Id : null, Name(name), email, Subject(past), past.Kind, past.Priority,
            Line(past.Product, Limits.ProductCharsMax), Line(past.Version, Limits.VersionCharsMax), null, past.Via, side, files), body);
    }

    private async Task<PastEntry> NoteAsync(PastTicket past, PastItem.Note item, Instant at, Actor actor, CancellationToken ct)
    {
        var (body, files) = await BodyAsync(past, item.Body, item.Files, ct);
        return new(at, actor, new TicketChange.Noted(past.Via, files), body);
    }

    private async Task<PastEntry?> OwnerAsync(Tx tx, PastTicket past, PastItem.Owner item, Instant at, Actor actor)
    {
        if (item.To.Length == 0) return new(at, actor, new TicketChange.Assigned(null, ""));
        return await PersonAsync(tx, item.To) is { } owner && owner.Role.IsStaff()
            ? new(at, actor, new TicketChange.Assigned(owner.Id, owner.Name)) : Leave(past, $"assigned {item.To}", "Nobody of the staff has this address.");
    }

    private async Task<(string Body, IReadOnlyList<TicketFile> Files)> BodyAsync(PastTicket past, string body, IReadOnlyList<PastFile> sent, CancellationToken ct)
    {
        var files = new List<TicketFile>();
        foreach (var file in sent) if (await KeepAsync(past, file, ct) is { } kept) files.Add(kept);
        var text = Text(body, int.MaxValue);
        if (text.Length > Limits.BodyCharsMax)
        {
            // All of it is kept: what does not fit into an entry is a file of it.
            if (await KeepAsync(past, new("message.txt", () => new MemoryStream(Encoding.UTF8.GetBytes(text))), ct) is { } whole) files.Add(whole);
            Leave(past, "body", $"It is longer than {Limits.BodyCharsMax} characters: all of it is the file message.txt.");
            text = Text(text, Limits.BodyCharsMax);
        }
        return (text.Length > 0 ? text : "(no text)", files);
    }

    private async Task<TicketFile?> KeepAsync(PastTicket past, PastFile file, CancellationToken ct)
    {
        try
        {
            await using var content = file.Open();
            if (content.Length > Limits.MailBytesMax) return LeaveFile($"It is longer than {Limits.MailBytesMax >> 20} MB.");
            if (!options.DryRun) return await Uploads.KeepAsync(content, file.Name, blobs, Limits.MailBytesMax, ct);
            return new(BlobId.Of(new byte[32]), Uploads.Name(file.Name), "application/octet-stream", content.Length);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException)
        {
            return LeaveFile(e.Message);
        }

        TicketFile? LeaveFile(string why)
        {
            Leave(past, $"file {file.Name}", why);
            return null;
        }
    }

    private async Task<OrganisationId?> OrganisationAsync(Tx tx, string name)
    {
        if (!organisations.TryGetValue(name, out var id)) organisations[name] = id = await ImportStore.OrganisationAsync(tx, name);
        return id;
    }

    private string Subject(PastTicket past)
    {
        var subject = Line(past.Subject, Limits.SubjectCharsMax);
        if (subject.Length < past.Subject.Trim().Length) Leave(past, "subject", "It was shortened to 200 characters, or held what can't be shown.");
        return subject.Length > 0 ? subject : "(no subject)";
    }

    private PastEntry? Leave(PastTicket past, string what, string why)
    {
        report.Leave(past.Where, past.Key, what, why);
        return null;
    }

    private static IReadOnlyList<TicketFile> Files(TicketChange change) => change switch
    {
        TicketChange.Opened opened => opened.Files,
        TicketChange.Replied replied => replied.Files,
        TicketChange.Noted noted => noted.Files,
        _ => [],
    };

    private static string Name(string text) => Line(text, 200);

    private static string Line(string text, int charsMax) => Cut(new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Trim(), charsMax);

    private static string Text(string text, int charsMax)
        => Cut(new string([.. text.Replace("\r\n", "\n").Where(c => c is '\n' or '\t' || !char.IsControl(c))]).Trim(), charsMax);

    // A cut, or broken input, may leave half of a character, which can't be stored and grows when it is made whole.
    private static string Cut(string text, int charsMax)
    {
        if (text.Length > charsMax) text = text[..(char.IsHighSurrogate(text[charsMax - 1]) ? charsMax - 1 : charsMax)];
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }
}
