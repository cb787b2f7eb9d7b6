-- How long a ticket was on which level while it was open. A node that has tickets already makes it from their logs: mithi rebuild.
create table ticket_level_span (
    ticket_id {int} not null,
    seq       {int} not null,                 -- the event that began it
    level     text  not null check (level in ('L1', 'L2', 'L3', 'Development')),
    from_at   {int} not null,
    until_at  {int},                          -- null: it lasts
    primary key (ticket_id, seq)
) {strict};
-- Minutes that staff noted as worked. A subscription's hours are counted from here.
create table ticket_time (
    ticket_id   {int} not null,
    seq         {int} not null,
    person_id   {int},
    person_name text  not null,
    minutes     {int} not null check (minutes between 1 and 1440),
    at          {int} not null,
    primary key (ticket_id, seq)
) {strict};
create index ticket_time_at on ticket_time (at);
