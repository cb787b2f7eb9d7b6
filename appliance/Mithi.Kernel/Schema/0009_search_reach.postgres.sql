-- The marks are SQLite's way to intersect words and reach; here the planner does that, with an index of its own.
alter table search_document add column grows {int} not null default 0;   -- of a kind without end, such as tickets: the newest come first
alter table search_document add column marks text not null default '';
update search_document set grows = 1 where kind in ('ticket', 'ticket-note');
create index search_document_organisation on search_document (organisation_id, id);
create index search_document_still on search_document (id) where grows = 0;
