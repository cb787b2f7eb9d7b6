-- A problem groups incidents with one cause. The column is made anew because a check can't be changed on both engines.
alter table ticket add column kind_now text not null default 'Question' check (kind_now in ('Question', 'Incident', 'Defect', 'Suggestion',
    'Request', 'Problem'));
update ticket set kind_now = kind;
alter table ticket drop column kind;
alter table ticket rename column kind_now to kind;

-- How tickets belong together; each of the two keeps its own line. Staff alone reads them.
create table ticket_link (
    ticket_id {int} not null,
    seq       {int} not null,                 -- the event that tied them
    other_id  {int} not null,
    role      text  not null check (role in ('Parent', 'Child', 'DuplicateOf', 'DuplicatedBy', 'BlockedBy', 'Blocks', 'Related', 'Cause', 'Effect')),
    primary key (ticket_id, seq)
) {strict};

-- Entries of the log that were taken back: they are shown, and count for nothing.
create table ticket_undone (
    ticket_id {int} not null,
    seq       {int} not null,
    primary key (ticket_id, seq)
) {strict};

-- Where a message or note of another ticket was written; null: here.
alter table ticket_message add column origin_id {int};
alter table ticket_message add column origin_seq {int};
alter table ticket_note add column origin_id {int};
alter table ticket_note add column origin_seq {int};
create index ticket_merged on ticket (merged_into_id) where merged_into_id is not null;
