-- Texts and sets of actions that are used again and again: somebody's own, or everybody's of the staff.
create table canned_answer (
    id         {key},
    owner_id   {int},                        -- null: shared
    name       text  not null,
    body       text  not null,               -- with variables like {{ticket.number}}
    changed_at {int} not null
) {strict};
create index canned_answer_owner on canned_answer (owner_id, name);
create table macro (
    id         {key},
    owner_id   {int},                        -- null: shared
    name       text  not null,
    actions    text  not null,               -- JSON, Macros/TicketActions.cs
    changed_at {int} not null
) {strict};
create index macro_owner on macro (owner_id, name);
