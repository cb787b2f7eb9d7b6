using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Bench.Helpdesk;

/// <summary>Fills a node with years of tickets, through the helpdesk's own log: a message or five each, four of five closed long ago.</summary>
internal static class ManyTickets
{
    public const int Customers = 2_000;
    public const int Partners = 40;
    public const int Staff = 50;

    // Half a second of writing at once: progress is seen and memory stays small.
    private const int AtOnce = 1_000;

    /// <param name="db">Where the rows go; its tables are made here.</param>
    /// <param name="tickets">How many.</param>
    public static async Task<TimeSpan> MakeAsync(DataFolder folder, DbOptions db, int tickets)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        Appliance.Appliance.AddParts(services, new NodeOptions { Folder = folder, Db = db, Listen = [new Uri("http://127.0.0.1:8480")] });
        await using var parts = services.BuildServiceProvider();
        await parts.GetRequiredService<Migrations>().RunAsync(parts.GetRequiredService<Db>(), CancellationToken.None);
        var clock = Stopwatch.StartNew();
        var now = parts.GetRequiredService<TimeProvider>().GetCurrentInstant();
        var (requesters, engineers) = await PeopleAsync(parts.GetRequiredService<Db>(), now);
        var years = new Years(new TicketText(1), requesters, engineers, now, tickets);
        for (var done = 0; done < tickets; done += AtOnce)
        {
            await parts.GetRequiredService<Db>().WriteAsync(async tx =>
            {
                for (var i = done; i < Math.Min(done + AtOnce, tickets); i++) await parts.GetRequiredService<TicketLog>().TellAsync(tx, years.Story(i));
            }, CancellationToken.None);
            if (done % 50_000 == 0) Console.WriteLine($"{done} of {tickets} tickets, {clock.Elapsed.TotalSeconds:0} s");
        }
        return clock.Elapsed;
    }

    private static Task<(Requester[] Requesters, Actor[] Engineers)> PeopleAsync(Db db, Instant now) => db.WriteAsync(async tx =>
    {
        var vendor = await OrganisationAsync(tx, "Vendor", "Vendor", null, now);
        var engineers = new List<Actor>();
        for (var i = 0; i < Staff; i++) engineers.Add(new(await PersonAsync(tx, vendor, i % 2 == 0 ? "SupportL1" : "SupportL2", $"Engineer {i}", $"engineer{i}@vendor.test", now), $"Engineer {i}"));
        var partners = new List<long>();
        for (var i = 0; i < Partners; i++) partners.Add(await OrganisationAsync(tx, "Partner", $"Partner {i}", null, now));
        for (var i = 0; i < Partners; i++) await PersonAsync(tx, partners[i], "Partner", $"Partner's {i}", $"partner{i}@partner.test", now);
        var requesters = new List<Requester>();
        for (var i = 0; i < Customers; i++)
        {
            // Every second customer is served by a partner.
            var organisation = await OrganisationAsync(tx, "Customer", $"Customer {i}", i % 2 == 0 ? partners[i / 2 % Partners] : null, now);
            for (var n = 0; n < 3; n++)
            {
                var (name, email) = ($"Person {n} of {i}", $"person{n}@customer{i}.test");
                requesters.Add(new(new(organisation), await PersonAsync(tx, organisation, n == 0 ? "CustomerAdministrator" : "CustomerUser", name, email, now), name, email));
            }
        }
        return (requesters.ToArray(), engineers.ToArray());
    }, CancellationToken.None);

    private static Task<long> OrganisationAsync(Tx tx, string kind, string name, long? partner, Instant now) => tx.QuerySingleAsync<long>(
        "insert into organisation (kind, name, partner_id, created_at) values (@kind, @name, @partner, @now) returning id", new { kind, name, partner, now });

    private static Task<PersonId> PersonAsync(Tx tx, long organisation, string role, string name, string email, Instant now) => tx.QuerySingleAsync<PersonId>("""
        insert into person (organisation_id, role, name, email, email_key, security_stamp, created_at, confirmed_at)
        values (@organisation, @role, @name, @email, @email, '', @now, @now) returning id
        """, new { organisation, role, name, email, now });
}
