-- A report counts everything that is open: from this index alone, whatever it is grouped by.
create index ticket_backlog on ticket (opened_at, organisation_id, priority, kind, product, level, assignee_id, next_due, stopped_at) where stopped_at is null;
