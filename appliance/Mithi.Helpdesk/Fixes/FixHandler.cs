using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Links;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Fixes;

/// <summary>What is told of a release that was published.</summary>
/// <param name="Channel">Such as "stable"; null when the publisher says nothing about it.</param>
/// <param name="Fixes">Numbers of tickets, as its manifest names them; from outside, so some may be nobody's.</param>
internal sealed record ReleasePublished(string Product, string Version, string Kind, string Name, string? Channel, IReadOnlyList<string>? Fixes);

/// <summary>Told when a ticket's fix is published.</summary>
public sealed record TicketFixAvailable(TicketId TicketId, OrganisationId? OrganisationId, string Product, string Version);

/// <summary>A published release names tickets: each is marked, and its customer told, once.</summary>
internal sealed class FixHandler(Db db, TicketLog log, TicketMail mail, IEnumerable<ILinkTarget> links, Texts texts, Outbox outbox, TimeProvider time)
    : IOutboxHandler
{
    /// <summary>The topic that this sends for each ticket.</summary>
    public const string FixAvailableTopic = "ticket.fix-available";

    public string Topic => "release.published";

    public string Name => "helpdesk.fixes";

    public async Task HandleAsync(OutboxMessage message, CancellationToken ct)
    {
        var release = message.Read<ReleasePublished>();
        var faults = new List<Exception>();
        foreach (var id in (release.Fixes ?? []).Distinct().Take(Limits.FixesMax))
        {
            if (!IdText.TryParse<TicketId>(id, out var ticket)) continue;
            try
            {
                await TellAsync(ticket, release, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One ticket that is broken must not keep the others from their news.
                faults.Add(new InvalidOperationException($"Ticket {ticket} could not be told of {release.Product} {release.Version}: {e.Message}", e));
            }
        }
        // The message comes again; who has been told by then is passed over.
        if (faults.Count > 0) throw new AggregateException(faults);
    }

    /// <summary>One transaction a ticket: told and noted that it was told, or neither. A second message finds the note.</summary>
    private async Task TellAsync(TicketId id, ReleasePublished release, CancellationToken ct)
    {
        var path = await PathAsync(id, release, ct);
        await db.WriteAsync(async tx =>
        {
            var now = time.GetCurrentInstant();
            // A merged ticket goes on in another, and its people are told there.
            if (await TicketStore.SurvivorAsync(tx, id) is not { } ticket) return;
            var isNew = await tx.ExecuteAsync("""
                insert into ticket_fix (ticket_id, product, version, told_at) values (@id, @Product, @Version, @now)
                on conflict (ticket_id, product, version) do nothing
                """, new { id = ticket.Id, release.Product, release.Version, now });
            if (isNew == 0) return;
            var isEntitled = ticket.OrganisationId is { } home
                && await EntitlementStore.IsEntitledAsync(tx, home, release.Product, release.Version, release.Channel, now, byName: release.Kind == "ptf");
            var body = await BodyAsync(tx, ticket, release, isEntitled, path);
            ticket = await log.AppendAsync(tx, ticket, new TicketChange.FixAvailable(release.Product, release.Version, release.Name), Actor.House, body, now);
            await mail.SendNewsAsync(tx, ticket, ticket.Seq, body, now);
            await outbox.AddAsync(tx, FixAvailableTopic, new TicketFixAvailable(ticket.Id, ticket.OrganisationId, release.Product, release.Version));
        }, ct);
    }

    private async Task<string> BodyAsync(Tx tx, Ticket ticket, ReleasePublished release, bool isEntitled, string path)
    {
        var t = texts.For(await TicketMail.LanguageAsync(tx, ticket));
        var news = t["What you reported is fixed in {0} {1}, which has just been published.", release.Product, release.Version];
        var next = isEntitled
            ? path.Length > 0 ? t["Read about it and get it here: {0}", mail.Url(path)] : t["Your download centre has it."]
            : t["Your subscription does not include this version. Ask the contact who looks after you."];
        return $"{news}\n\n{next}";
    }

    /// <summary>Where the release is read about, as its requester may see it. Asked before the transaction: the answer is another module's.</summary>
    private async Task<string> PathAsync(TicketId id, ReleasePublished release, CancellationToken ct)
    {
        if (await db.ReadAsync(tx => TicketStore.GetAsync(tx, id), ct) is not { OrganisationId: { } home } ticket) return "";
        var requester = new CurrentPerson
        {
            Id = ticket.RequesterId, Organisation = home, Role = Role.CustomerAdministrator, Zone = DateTimeZone.Utc,
        };
        return await TicketView.FixUrlAsync(links, release.Product, release.Version, requester, ct);
    }
}
