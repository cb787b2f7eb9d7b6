-- When something happened that customers may know of. Their lists, pages and cursors go by it: by updated_at they would hear
-- that staff wrote a note or handed the ticket over.
alter table ticket add column public_updated_at {int} not null default 0;
update ticket set public_updated_at = coalesce((select max(e.at) from ticket_event e where e.ticket_id = ticket.id
    and e.kind in ('opened', 'replied', 'state', 'priority', 'fix-available')), opened_at);

-- Staff alone reads by updated_at, and without a limit to one organisation or person.
drop index ticket_organisation;
drop index ticket_requester;
create index ticket_organisation_public on ticket (organisation_id, public_updated_at, id);
create index ticket_requester_public on ticket (requester_id, public_updated_at, id);
