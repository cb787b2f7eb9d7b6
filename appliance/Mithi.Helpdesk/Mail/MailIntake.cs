using System.Data.Common;
using Microsoft.Extensions.Logging;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Mail;

/// <summary>From a raw mail in the spool to what it means, in one transaction: a ticket, an answer, a note, or nothing but a line in a list.</summary>
internal sealed class MailIntake(Db db, MailSpool spool, BlobStore blobs, MailThread thread, TicketDesk desk, TicketLog log,
    SettingStore settings, SenderChecks checks, TimeProvider time, ILogger<MailIntake> logger) : IDisposable
{
    private readonly SemaphoreSlim one = new(1, 1);

    /// <summary>Takes in all that waits in the spool. What fails stays there for the next time.</summary>
    public async Task DrainAsync(CancellationToken ct)
    {
        await one.WaitAsync(ct);
        try
        {
            foreach (var source in spool.Waiting())
            {
                try
                {
                    await TakeAsync(source, ct);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    await PutAsideAsync(source, e, ct);
                }
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Lists a mail that stays where it is, with what its head says of it.</summary>
    /// <param name="head">Its headers, or the beginning of them.</param>
    /// <param name="reason">Why it stays there.</param>
    public async Task HoldAsync(MailSource source, Stream head, string reason, CancellationToken ct)
    {
        using var memory = new MemoryStream();
        await head.CopyToAsync(memory, ct);
        memory.Position = 0;
        var raw = await blobs.PutAsync(memory, Limits.MailHeadBytesMax, ct);
        memory.Position = 0;
        ParsedMail? parsed = null;
        try
        {
            // Without its id: when the mail itself comes by another way, it is no second delivery.
            parsed = await MailParser.ReadAsync(memory, ct) with { MessageId = "" };
        }
        catch (Exception e) when (e is not (OperationCanceledException or IOException or OutOfMemoryException))
        {
            // Then the list shows it without a sender and a subject.
        }
        await db.WriteAsync(async tx =>
        {
            if (await ArrivalStore.IsKnownAsync(tx, source)) return;
            await ArrivalStore.AddAsync(tx, source, raw.Id, parsed, MailOutcome.Quarantined, reason, null, null, time.GetCurrentInstant());
        }, ct);
    }

    public void Dispose() => one.Dispose();

    private async Task TakeAsync(MailSource source, CancellationToken ct)
    {
        Blob raw;
        ParsedMail? parsed = null;
        var reason = "";
        await using (var file = spool.Open(source))
        {
            raw = await blobs.PutAsync(file, Limits.MailBytesMax, ct);
            file.Position = 0;
            try
            {
                parsed = await MailParser.ReadAsync(file, await SenderTrust.ReadAsync(settings, ct), checks, ct);
            }
            catch (Exception e) when (e is not (OperationCanceledException or IOException or OutOfMemoryException))
            {
                reason = e.Message;
            }
        }
        var files = parsed is null || parsed.Automatic != AutomaticKind.None ? [] : await FilesAsync(parsed, raw, ct);
        var support = await settings.TextAsync(IntakeSettings.Address, ct);
        await db.WriteAsync(async tx =>
        {
            // The file was taken in before a kill could remove it.
            if (await ArrivalStore.IsKnownAsync(tx, source)) return;
            var now = time.GetCurrentInstant();
            var made = parsed is null ? new Made(MailOutcome.Quarantined, reason) : await MakeAsync(tx, source, parsed, raw, files, support, now);
            await ArrivalStore.AddAsync(tx, source, raw.Id, parsed, made.Outcome, made.Reason, made.Ticket?.Id, made.Seq, now);
        }, ct);
        spool.Remove(source);
    }

    /// <summary>A fault of ours puts the mail where people see it; when the world is at fault (the disk is full) it waits for the next time.</summary>
    private async Task PutAsideAsync(MailSource source, Exception fault, CancellationToken ct)
    {
        logger.LogError(fault, "The mail {Uid} of {Mailbox} could not be taken in", source.Uid, source.Mailbox);
        if (IsTheWorld(fault)) return;
        try
        {
            Blob raw;
            await using (var file = spool.Open(source)) raw = await blobs.PutAsync(file, Limits.MailBytesMax, ct);
            await db.WriteAsync(async tx =>
            {
                if (!await ArrivalStore.IsKnownAsync(tx, source))
                    await ArrivalStore.AddAsync(tx, source, raw.Id, null, MailOutcome.Quarantined, $"{fault.GetType().Name}: {fault.Message}", null, null, time.GetCurrentInstant());
            }, ct);
            spool.Remove(source);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The bytes wait, and the others get their turn.
            logger.LogError(e, "The mail {Uid} of {Mailbox} waits in the spool", source.Uid, source.Mailbox);
        }
    }

    /// <summary>Whether it may go well later: no room, no file, no memory, a database that is away or busy.</summary>
    private static bool IsTheWorld(Exception fault)
        => fault is IOException or UnauthorizedAccessException or OutOfMemoryException or TimeoutException or ObjectDisposedException
            || (fault is DbException database && DbFault.MayPass(database));

    private async Task<Made> MakeAsync(Tx tx, MailSource source, ParsedMail parsed, Blob raw, IReadOnlyList<TicketFile> files, string support, Instant now)
    {
        if (await ArrivalStore.IsSecondDeliveryAsync(tx, parsed, raw.Id) || await ArrivalStore.IsInOtherMailboxAsync(tx, source, parsed, now)) return new(MailOutcome.Duplicate, "");
        if (thread.IsOurs(parsed, support)) return new(MailOutcome.Own, "");
        var found = await thread.FindAsync(tx, parsed);
        var person = parsed.From.Length > 0 ? await PersonStore.SenderAsync(tx, parsed.From) : null;
        if (parsed.Automatic != AutomaticKind.None) return await AutomaticAsync(tx, parsed, raw, found, now);
        if (parsed.From.Length == 0 || !MailQueue.IsAddress(parsed.From)) return new(MailOutcome.Quarantined, "It has no sender that could be answered.");

        var actor = new Actor(person?.Id, person?.Name ?? NameOf(parsed));
        var made = found is { } on && on.Ticket.CanReopen(now)
            ? await AnswerAsync(tx, parsed, files, on, person, actor, now)
            : await OpenAsync(tx, source, parsed, files, found, person, actor, now);
        // What waits for staff is no part of the conversation yet: its id must find nothing and be told nobody.
        if (made is { Ticket: { } ticket, Outcome: not MailOutcome.Held })
        {
            await TicketMail.RememberAsync(tx, ticket.Id, parsed.MessageId, ours: false, now);
            if (parsed.ThreadIndex is { } index) await ArrivalStore.RememberAsync(tx, ticket.Id, index, now);
        }
        if (made.Ticket is { } written && await MailThread.DoubtAsync(tx, written, made.Outcome == MailOutcome.Opened ? null : found, parsed, now) is { } hint)
            await log.AppendAsync(tx, written, hint, Actor.House, "", now);
        return made;
    }

    private async Task<Made> AutomaticAsync(Tx tx, ParsedMail parsed, Blob raw, FoundThread? found, Instant now)
    {
        if (found is null) return new(MailOutcome.Automatic, parsed.Automatic.ToString());
        // Anybody can send a bounce. One that knows the signed number of a mail of ours is about that mail.
        if (found.By == ThreadSign.Token)
            foreach (var failed in parsed.Failed)
                if (await ArrivalStore.IsParticipantAsync(tx, found.Ticket.Id, failed.Address)) await AddressStates.MarkAsync(tx, failed.Address, failed.Fault, failed.Said, now);
        var change = new TicketChange.AutomaticMail(parsed.Automatic.ToString(), parsed.From, raw.Id);
        return new(MailOutcome.Automatic, parsed.Automatic.ToString(), await log.AppendAsync(tx, found.Ticket, change, Actor.House, "", now));
    }

    private async Task<Made> AnswerAsync(Tx tx, ParsedMail parsed, IReadOnlyList<TicketFile> files, FoundThread on, Person? person, Actor actor, Instant now)
    {
        var draft = new ReplyDraft(BodyOf(parsed), 0) { Files = files };
        if (!await MailThread.MayActAsync(tx, on, parsed, person))
        {
            var note = $"From {NameOf(parsed)} <{parsed.From}>, not verified. The customer does not see this.\n\n{draft.Body}";
            if (note.Length > Limits.BodyCharsMax) note = note[..Limits.BodyCharsMax];
            // Whoever it claims to be, the note is not his.
            return new(MailOutcome.Held, $"Found by {on.By}, sender {parsed.Verdict}",
                await log.AppendAsync(tx, on.Ticket, new TicketChange.Noted(Via.Mail, files), new(null, $"{parsed.From} (not verified)"), note, now));
        }
        // Staff that answers by mail may not know who reads it, so it is kept inside; the portal says whom it tells.
        if (person is not null && person.Role.IsStaff())
            return new(MailOutcome.Held, "From staff", await log.AppendAsync(tx, on.Ticket, new TicketChange.Noted(Via.Mail, files), actor, draft.Body, now));
        return new(MailOutcome.Replied, $"Found by {on.By}", await desk.ReplyAsync(tx, on.Ticket, draft, actor, Side.Customer, Via.Mail, now));
    }

    private async Task<Made> OpenAsync(Tx tx, MailSource source, ParsedMail parsed, IReadOnlyList<TicketFile> files, FoundThread? follows, Person? person, Actor actor, Instant now)
    {
        var requester = person is not null ? Requester.Of(person) : new(null, null, NameOf(parsed), parsed.From);
        var draft = new TicketDraft(parsed.Subject.Length > 0 ? parsed.Subject : "(no subject)", TicketKind.Question, Priority.P3, "", "", BodyOf(parsed)) { Files = files };
        var ticket = await desk.OpenAsync(tx, draft, requester, actor, Side.Customer, Via.Mail, follows?.Ticket.Id, now);
        // A sender that failed the checks is somebody who never wrote to us.
        if (parsed.Verdict != SenderVerdict.Fail && await ArrivalStore.MayAnswerAsync(tx, parsed.From, ticket.Id, (source.Mailbox, parsed.SubjectKey), now))
        {
            // Before our receipt refers to it.
            await TicketMail.RememberAsync(tx, ticket.Id, parsed.MessageId, ours: false, now);
            await desk.SendReceiptAsync(tx, ticket, new(parsed.From, requester.Name), Via.Mail, null, now);
        }
        return new(MailOutcome.Opened, "", ticket);
    }

    private async Task<IReadOnlyList<TicketFile>> FilesAsync(ParsedMail parsed, Blob raw, CancellationToken ct)
    {
        var files = new List<TicketFile>();
        foreach (var part in parsed.Parts)
        {
            using var content = new MemoryStream(part.Content, writable: false);
            files.Add(await Uploads.KeepAsync(content, part.Name, blobs, Limits.MailBytesMax, ct));
        }
        if (parsed.Cut) files.Add(new(raw.Id, "mail.eml", "message/rfc822", raw.Bytes));
        return files;
    }

    private static string BodyOf(ParsedMail parsed) => parsed.Body.Length > 0 ? parsed.Body : "(no text)";

    private static string NameOf(ParsedMail parsed) => parsed.FromName.Length > 0 ? parsed.FromName : parsed.From;

    private sealed record Made(MailOutcome Outcome, string Reason, Ticket? Ticket = null)
    {
        /// <summary>The last entry that the mail made.</summary>
        public long? Seq => Ticket?.Seq;
    }
}
