-- What a report needs to know of a ticket, from its log: how its promises ended, how often it came back, what was said of it.
create table ticket_fact (
    ticket_id       {int} not null primary key,
    response_at     {int},                    -- the first answer of staff; null: there is none yet
    response_used   {int},                    -- milliseconds of working time, like every "used"
    response_kept   {int} check (response_kept in (0, 1)),
    next_open       {int} not null default 0 check (next_open in (0, 1)),   -- a customer who was answered waits again
    next_count      {int} not null default 0, -- later answers that were waited for
    next_promised   {int} not null default 0, -- those of them for which something was promised
    next_broken     {int} not null default 0,
    next_used       {int},                    -- the longest
    resolution_at   {int},                    -- null: it is not resolved, or not any more
    resolution_used {int},
    resolution_kept {int} check (resolution_kept in (0, 1)),
    first_ended_at  {int},                    -- when it was resolved or closed for the first time
    reopened        {int} not null default 0,
    closed_at       {int},
    resolved_seq    {int} not null default 0, -- the entry that resolved it; 0: it is not resolved
    rating          text  check (rating in ('Good', 'Bad')),                -- what the customer says of this resolution
    rated_at        {int},
    rated_seq       {int},
    rated           {int} not null default 0  -- how often he has said so
) {strict};

-- A report reads the tickets that were opened in its period, and those that ended in it.
create index ticket_opened on ticket (opened_at, id);
create index ticket_finished on ticket (stopped_at, id) where state in ('Resolved', 'Closed');
create index ticket_organisation_opened on ticket (organisation_id, opened_at, id);
create index ticket_organisation_finished on ticket (organisation_id, stopped_at, id) where state in ('Resolved', 'Closed');
