-- What somebody is typing and has not sent. His alone: no list, page or search of anybody else reads this table.
create table draft (
    person_id {int} not null,
    ticket_id {int} not null,
    kind      text  not null check (kind in ('Reply', 'Note')),
    body      text  not null,
    then_state text not null,                -- what was chosen under "Then"; empty: nothing
    saved_at  {int} not null,
    primary key (person_id, ticket_id, kind)
) {strict};
create index draft_saved on draft (saved_at);
