using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Import;

/// <summary>Brings another helpdesk's tickets over, with their times. Nobody is told and no mail is sent.</summary>
/// <remarks>Each transaction writes tickets and their keys: after a kill the next run goes on where the last one was.</remarks>
public sealed class TicketImport
{
    private readonly Db db;
    private readonly TicketLog log;
    private readonly BlobStore blobs;
    private readonly TimeProvider time;

    internal TicketImport(Db db, TicketLog log, BlobStore blobs, TimeProvider time) => (this.db, this.log, this.blobs, this.time) = (db, log, blobs, time);

    /// <summary>JSON Lines of an exporter.</summary>
    /// <param name="progress">Bytes or mails, and all of them.</param>
    public Task JsonAsync(FileInfo file, ImportOptions options, ImportReport report, IProgress<(long Done, long Total)> progress, CancellationToken ct)
        => RunAsync(new JsonImportReader(file, report).ReadAsync(ct), options, report, progress, ct);

    /// <summary>An mbox file, or a folder of mails.</summary>
    /// <inheritdoc cref="JsonAsync"/>
    public Task MailAsync(FileSystemInfo from, ImportOptions options, ImportReport report, IProgress<(long Done, long Total)> progress, CancellationToken ct)
        => RunAsync(new MailImportReader(from, options, report, time).ReadAsync(ct), options, report, progress, ct);

    private async Task RunAsync(IAsyncEnumerable<PastRecord> records, ImportOptions options, ImportReport report, IProgress<(long Done, long Total)> progress, CancellationToken ct)
    {
        options.Verify();
        var run = new Run(db, log, new(blobs, options, report, time), options, report, time);
        await foreach (var record in records)
        {
            ct.ThrowIfCancellationRequested();
            if (record is PastRecord.Progress at) progress.Report((at.Done, at.Total));
            else await run.TakeAsync(record, ct);
        }
        await run.FlushAsync(ct);
    }

    /// <summary>One run: gathers tickets until there is a transaction's worth.</summary>
    private sealed class Run(Db db, TicketLog log, StoryWriter writer, ImportOptions options, ImportReport report, TimeProvider time)
    {
        private readonly List<PastTicket> waiting = [];
        private long chars;

        public async Task TakeAsync(PastRecord record, CancellationToken ct)
        {
            if (record is PastRecord.Ticket { Past: var past })
            {
                waiting.Add(past);
                chars += past.Items.Sum(i => i is PastItem.Message m ? (long)m.Body.Length : 0);
                if (waiting.Count < ImportLimits.TicketsPerWrite && chars < ImportLimits.CharsPerWrite) return;
                await FlushAsync(ct);
                return;
            }
            // Who comes after a ticket may not have been meant for it, but who comes before it is.
            await FlushAsync(ct);
            await (record switch
            {
                PastRecord.Organisation organisation => AddAsync(organisation, ct),
                PastRecord.Person person => AddAsync(person, ct),
                _ => throw new InvalidOperationException("There is no other kind of record."),
            });
            writer.Forget();
        }

        public async Task FlushAsync(CancellationToken ct)
        {
            if (waiting.Count == 0) return;
            var stories = await PrepareAsync(ct);
            (Ticket? Ticket, Story Story)[] ready = [.. stories];
            waiting.Clear();
            chars = 0;
            if (!options.DryRun && ready.Length > 0) await db.WriteAsync(tx => WriteAsync(tx, ready), ct);
            foreach (var (ticket, story) in ready)
            {
                if (ticket is null) report.Tickets++;
                else report.Continued++;
                report.Entries += story.Entries.Count;
                report.Files += story.Files;
            }
        }

        /// <summary>Files are kept before the transaction, which must not wait for them.</summary>
        private Task<List<(Ticket? Ticket, Story Story)>> PrepareAsync(CancellationToken ct) => db.ReadAsync(async tx =>
        {
            var known = await ImportStore.KnownAsync(tx, options.Source, [.. waiting.SelectMany(KeysOf)]);
            var stories = new List<(Ticket?, Story)>();
            foreach (var past in waiting)
            {
                var keys = KeysOf(past).ToArray();
                var there = keys.Where(known.ContainsKey).ToHashSet();
                report.Known += there.Count;
                if (there.Count == keys.Length) continue;
                var before = there.Count > 0 ? await TicketStore.GetAsync(tx, known[there.First()]) : null;
                if (await writer.WriteAsync(tx, past, before, there, ct) is { } story) stories.Add((before, story));
            }
            return stories;
        }, ct);

        private async Task WriteAsync(Tx tx, (Ticket? Ticket, Story Story)[] ready)
        {
            var now = time.GetCurrentInstant();
            foreach (var (before, story) in ready)
            {
                var ticket = before is null ? await log.TellAsync(tx, story.Entries) : await log.TellOnAsync(tx, (await TicketStore.GetAsync(tx, before.Id))!, story.Entries);
                foreach (var key in story.Keys.Append(story.Past.Key).Where(k => k.Length > 0)) await ImportStore.RememberAsync(tx, options.Source, key, ticket.Id, now);
                foreach (var id in story.MessageIds) await TicketMail.RememberAsync(tx, ticket.Id, id, ours: false, now);
            }
        }

        private async Task AddAsync(PastRecord.Organisation past, CancellationToken ct)
        {
            var kind = past.Kind switch { "customer" => OrganisationKind.Customer, "partner" => OrganisationKind.Partner, _ => (OrganisationKind?)null };
            var name = past.Name.Trim();
            if (kind is null || name.Length is 0 or > 200 || name.Any(char.IsControl)) { report.Leave(past.Where, past.Name, "organisation", "It needs a name and, if any, the kind customer or partner."); return; }
            var zone = Zones.Find(past.TimeZone) is null ? "Asia/Kolkata" : past.TimeZone;
            await AddAsync(async tx =>
            {
                if (await ImportStore.OrganisationAsync(tx, name) is not null) return false;
                var partner = past.Partner.Length > 0 ? await ImportStore.OrganisationAsync(tx, past.Partner) : null;
                if (past.Partner.Length > 0 && partner is null) report.Leave(past.Where, name, $"partner {past.Partner}", "There is no organisation of this name.");
                if (!options.DryRun) await OrganisationStore.AddAsync(tx, new(kind.Value, name, partner, zone), time.GetCurrentInstant());
                return true;
            }, () => report.Organisations++, ct);
        }

        private async Task AddAsync(PastRecord.Person past, CancellationToken ct)
        {
            var role = past.Role switch
            {
                "user" => Role.CustomerUser, "administrator" => Role.CustomerAdministrator, "partner" => Role.Partner,
                "support-1" => Role.SupportL1, "support-2" => Role.SupportL2, "support-3" => Role.SupportL3, "development" => Role.Development, _ => Role.Public,
            };
            if (role == Role.Public || !Email.IsAddress(past.Email)) { report.Leave(past.Where, past.Email, "person", "A person needs an address and one of the roles that are named in the manual."); return; }
            await AddAsync(async tx =>
            {
                if (await PersonStore.ByEmailAsync(tx, past.Email) is not null) return false;
                if (await ImportStore.OrganisationAsync(tx, past.Home) is not { } home || await OrganisationStore.GetAsync(tx, home) is not { } organisation
                    || role.IsStaff() != (organisation.Kind == OrganisationKind.Vendor) || (role == Role.Partner) != (organisation.Kind == OrganisationKind.Partner))
                {
                    report.Leave(past.Where, past.Email, "person", $"There is no organisation '{past.Home}' where somebody has this role.");
                    return false;
                }
                var name = new string([.. past.Name.Where(c => !char.IsControl(c))]).Trim();
                // Nobody has shown yet that he reads what is sent there.
                if (!options.DryRun) await PersonStore.AddAsync(tx, new(home, role, name.Length is 0 or > 200 ? past.Email : name, past.Email, past.Language is "hi" or "en" ? past.Language : ""),
                    time.GetCurrentInstant(), isConfirmed: false);
                return true;
            }, () => report.People++, ct);
        }

        private async Task AddAsync(Func<Tx, Task<bool>> add, Action count, CancellationToken ct)
        {
            if (options.DryRun ? await db.ReadAsync(add, ct) : await db.WriteAsync(add, ct)) count();
            else report.Known++;
        }

        private static IEnumerable<string> KeysOf(PastTicket past)
            => past.Key.Length > 0 ? [past.Key] : past.Items.Select(i => i.Key).Where(k => k.Length > 0);
    }
}
