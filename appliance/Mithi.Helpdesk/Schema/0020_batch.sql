-- Changes of several tickets in one go: what was asked, what became of each ticket, and what was taken back. What happened to
-- a ticket is in its own log; here stands which entries belong together.
create table batch (
    id         {key},
    person_id  {int} not null,
    form_key   text  not null unique,        -- of the page that it was sent from: sent twice, it is done once
    actions    text  not null,               -- JSON, Macros/TicketActions.cs
    asked      {int} not null,               -- how many tickets
    started_at {int} not null,
    undone_at  {int}
) {strict};
create table batch_ticket (
    batch_id  {int} not null references batch (id),
    ticket_id {int} not null,
    outcome   text  not null check (outcome in ('Done', 'Nothing', 'Refused', 'Missing')),
    message   text  not null,                -- why it was refused; English
    first_seq {int} not null,                -- the entries that it added to the ticket's log
    last_seq  {int} not null,
    undo      text  not null check (undo in ('None', 'Done', 'Changed', 'Sent', 'Missing')),
    primary key (batch_id, ticket_id)
) {strict};
