-- What somebody wants of the desk; who has no row has what everybody has.
create table desk_choice (
    person_id {int} primary key,
    keys      {int} not null check (keys in (0, 1))    -- single letters do things on a ticket's page
) {strict};

-- A list of tickets with a name.
create table ticket_view (
    id         {key},
    owner_id   {int},                        -- null: shared
    name       text  not null,
    query      text  not null,               -- the list's query string, Tickets/TicketFilter.cs
    changed_at {int} not null
) {strict};
create index ticket_view_owner on ticket_view (owner_id, name);
