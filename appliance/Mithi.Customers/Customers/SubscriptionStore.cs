using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Customers.Customers;

/// <summary>Subscriptions: what was agreed with a customer.</summary>
public sealed class SubscriptionStore(Db db, OrganisationStore organisations, Outbox outbox, AuditLog audit)
{
    public async Task<Subscription?> FindAsync(OrganisationId organisation, SubscriptionId id, CurrentPerson me, CancellationToken ct)
        => await organisations.FindAsync(organisation, me, ct) is null ? null
            : (await db.ReadAsync(tx => CustomerStore.SubscriptionsAsync(tx, organisation), ct)).FirstOrDefault(s => s.Id == id);

    /// <param name="id">Null: a new one.</param>
    public async Task<CustomerResult> SaveAsync(
        OrganisationId organisation, SubscriptionId? id, SubscriptionDraft draft, int revision, CurrentPerson me, Instant now, CancellationToken ct)
    {
        if (!CustomerRights.MaySell(me) || await organisations.FindAsync(organisation, me, ct) is null) return new CustomerResult.Missing();
        return await db.WriteAsync(async tx =>
        {
            var there = await CustomerStore.SubscriptionsAsync(tx, organisation);
            if (id is null && there.Count >= Limits.SubscriptionsMax) return new CustomerResult.TooMany();
            if (id is { } known)
            {
                if (there.FirstOrDefault(s => s.Id == known) is not { } current) return new CustomerResult.Missing();
                if (current.Revision != revision) return new CustomerResult.Stale(current.Revision);
            }
            var saved = id ?? await InsertAsync(tx, organisation, draft, now);
            await WriteAsync(tx, saved, draft);
            await audit.AddAsync(tx, me, id is null ? "subscription.add" : "subscription.change", $"organisation:{organisation}",
                $"{draft.Plan}, {draft.Calendar}, until {draft.UntilDate}");
            await TellAsync(tx, organisation, now);
            return (CustomerResult)new CustomerResult.Saved();
        }, ct);
    }

    public async Task<CustomerResult> RemoveAsync(OrganisationId organisation, SubscriptionId id, CurrentPerson me, Instant now, CancellationToken ct)
    {
        if (!CustomerRights.MaySell(me) || await organisations.FindAsync(organisation, me, ct) is null) return new CustomerResult.Missing();
        return await db.WriteAsync<CustomerResult>(async tx =>
        {
            if (await tx.ExecuteAsync("delete from customer_subscription where id = @id and organisation_id = @organisation",
                new { id, organisation }) == 0) return new CustomerResult.Missing();
            await audit.AddAsync(tx, me, "subscription.remove", $"organisation:{organisation}", $"subscription:{id}");
            await TellAsync(tx, organisation, now);
            return new CustomerResult.Saved();
        }, ct);
    }

    /// <summary>Whoever counts by it hears all that is agreed now, in the transaction in which it changed.</summary>
    private async Task TellAsync(Tx tx, OrganisationId organisation, Instant now)
    {
        var all = await CustomerStore.SubscriptionsAsync(tx, organisation);
        await outbox.AddAsync(tx, AgreementsChanged.Topic, new AgreementsChanged(organisation, now, [.. all.Select(s => s.ToAgreement())]));
    }

    private static async Task<SubscriptionId> InsertAsync(Tx tx, OrganisationId organisation, SubscriptionDraft draft, Instant now)
        => new(await tx.QuerySingleAsync<long>("""
            insert into customer_subscription (organisation_id, plan, calendar, hotline, retroactive, until_date, time_zone, created_at, revision)
            values (@organisation, @Plan, @Calendar, @Hotline, @Retroactive, @UntilDate, @TimeZone, @now, 0) returning id
            """, new { organisation, draft.Plan, draft.Calendar, draft.Hotline, draft.Retroactive, draft.UntilDate, draft.TimeZone, now }));

    private static async Task WriteAsync(Tx tx, SubscriptionId id, SubscriptionDraft draft)
    {
        await tx.ExecuteAsync("""
            update customer_subscription set plan = @Plan, calendar = @Calendar, hotline = @Hotline, retroactive = @Retroactive, until_date = @UntilDate,
                time_zone = @TimeZone, revision = revision + 1 where id = @id
            """, new { id, draft.Plan, draft.Calendar, draft.Hotline, draft.Retroactive, draft.UntilDate, draft.TimeZone });
        await tx.ExecuteAsync("delete from customer_target where subscription_id = @id", new { id });
        foreach (var target in draft.Targets)
            await tx.ExecuteAsync("""
                insert into customer_target (subscription_id, priority, response_minutes, resolution_minutes, next_response_minutes)
                values (@id, @priority, @ResponseMinutes, @ResolutionMinutes, @NextResponseMinutes)
                """, new { id, priority = target.Priority.ToString(), target.ResponseMinutes, target.ResolutionMinutes, target.NextResponseMinutes });
    }
}

/// <summary>What a form says of a subscription.</summary>
public sealed record SubscriptionDraft(
    string Plan, string Calendar, bool Hotline, LocalDate UntilDate, string TimeZone, IReadOnlyList<Target> Targets, bool Retroactive = false);
