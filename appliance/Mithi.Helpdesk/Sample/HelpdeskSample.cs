using Microsoft.Extensions.DependencyInjection;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Helpdesk.Sample;

/// <summary>A dozen tickets in all states, as a helpdesk has them on a weekday. They send no mail.</summary>
public static class HelpdeskSample
{
    /// <param name="customers">Whose tickets they are, in turn; people of customers.</param>
    /// <param name="staff">Who answers, in turn; people of the vendor.</param>
    /// <returns>The tickets' numbers; the first is the one that a patch of the sample product fixes.</returns>
    public static async Task<IReadOnlyList<TicketId>> AddAsync(
        IServiceProvider services, IReadOnlyList<PersonId> customers, IReadOnlyList<PersonId> staff, CancellationToken ct)
    {
        var log = services.GetRequiredService<TicketLog>();
        var now = services.GetRequiredService<TimeProvider>().GetCurrentInstant();
        return await services.GetRequiredService<Db>().WriteAsync(async tx =>
        {
            var ids = new List<TicketId>();
            for (var i = 0; i < SampleTickets.All.Count; i++)
            {
                var requester = (await PersonStore.GetAsync(tx, customers[i % customers.Count]))!;
                var engineer = (await PersonStore.GetAsync(tx, staff[i % staff.Count]))!;
                ids.Add(await new Telling(tx, log, requester, engineer, now).TellAsync(SampleTickets.All[i]));
            }
            return ids;
        }, ct);
    }

    /// <summary>Writes one ticket's story into its log, in the order and at the times that it says.</summary>
    private sealed class Telling(Tx tx, TicketLog log, Person requester, Person engineer, Instant now)
    {
        public async Task<TicketId> TellAsync(SampleTicket story)
        {
            var customer = new Actor(requester.Id, requester.Name);
            var opened = new TicketChange.Opened(requester.OrganisationId, requester.Id, requester.Name, requester.Email, story.Subject, story.Kind,
                story.Priority, "mithi-mail-server", "1.0.0", null, Via.Portal, Side.Customer, []);
            var ticket = await log.OpenAsync(tx, opened, customer, story.Body, now - Duration.FromHours(story.HoursAgo));
            foreach (var step in story.Steps) ticket = await StepAsync(ticket, step, customer, new(engineer.Id, engineer.Name));
            return ticket.Id;
        }

        private Task<Ticket> StepAsync(Ticket ticket, SampleStep step, Actor customer, Actor staff)
        {
            var at = now - Duration.FromHours(step.HoursAgo);
            return step switch
            {
                SampleStep.Takes => log.AppendAsync(tx, ticket, new TicketChange.Assigned(staff.Id, staff.Name), staff, "", at),
                SampleStep.Answers said => log.AppendAsync(tx, ticket, new TicketChange.Replied(Side.Staff, Via.Portal, []), staff, said.Body, at),
                SampleStep.Writes said => log.AppendAsync(tx, ticket, new TicketChange.Replied(Side.Customer, Via.Portal, []), customer, said.Body, at),
                SampleStep.Notes said => log.AppendAsync(tx, ticket, new TicketChange.Noted(Via.Portal, []), staff, said.Body, at),
                SampleStep.Moves to => log.AppendAsync(tx, ticket, new TicketChange.StateSet(ticket.State, to.State), staff, "", at),
                SampleStep.HandsOver to => log.AppendAsync(tx, ticket, new TicketChange.HandedOver(ticket.Level, to.Level), staff, to.Reason, at),
                SampleStep.Rates said => log.AppendAsync(tx, ticket, new TicketChange.Rated(said.Rating, Via.Portal), customer, said.Comment, at),
                SampleStep.Raises to => log.AppendAsync(tx, ticket, new TicketChange.PrioritySet(ticket.Priority, to.Priority), staff, "", at),
                _ => throw new InvalidOperationException("There is no other kind of step."),
            };
        }
    }
}
