-- Each list of tickets is read from an index in its order, first page or hundredth, however many tickets are closed.
create index ticket_open on ticket (updated_at, id) where stopped_at is null;
create index ticket_open_assignee on ticket (assignee_id, updated_at, id) where stopped_at is null;
create index ticket_open_priority on ticket (priority, updated_at, id) where stopped_at is null;
create index ticket_open_level on ticket (level, updated_at, id) where stopped_at is null;
create index ticket_level on ticket (level, updated_at, id);
create index ticket_priority on ticket (priority, updated_at, id);
create index ticket_waiting on ticket (updated_at, id) where state in ('WaitingForCustomer', 'WaitingForVendor');
create index ticket_ended on ticket (updated_at, id) where state in ('Resolved', 'Closed');
create index ticket_organisation_open on ticket (organisation_id, public_updated_at, id) where stopped_at is null;
create index ticket_requester_open on ticket (requester_id, public_updated_at, id) where stopped_at is null;
create index ticket_public on ticket (public_updated_at, id);
create index ticket_due on ticket (next_due, id) where stopped_at is null;
