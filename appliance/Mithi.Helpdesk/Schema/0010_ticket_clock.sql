-- The next response is a promise of its own. A contract that says nothing of it promises none.
create table contract_target_wide (
    contract_id {int} not null references contract (id),
    priority    text  not null check (priority in ('P1', 'P2', 'P3', 'P4')),
    clock       text  not null check (clock in ('FirstResponse', 'NextResponse', 'Resolution')),
    calendar_id {int} not null references calendar (id),
    minutes     {int} not null check (minutes between 1 and 527040),
    primary key (contract_id, priority, clock)
) {strict};
insert into contract_target_wide (contract_id, priority, clock, calendar_id, minutes)
select contract_id, priority, clock, calendar_id, minutes from contract_target;
drop table contract_target;
alter table contract_target_wide rename to contract_target;

-- A new node promises the next answer like the first. One that has tickets promises nothing new by being updated.
insert into contract_target (contract_id, priority, clock, calendar_id, minutes)
select t.contract_id, t.priority, 'NextResponse', t.calendar_id, t.minutes
from contract_target t join contract c on c.id = t.contract_id
where c.organisation_id = 0 and t.clock = 'FirstResponse' and not exists (select 1 from ticket);

-- What a ticket's log says about its clocks, so that counting them again needs no log.
create table ticket_clock (
    ticket_id {int} not null primary key,
    seq       {int} not null,                 -- of the event that it was brought up to date by
    running   {int} not null check (running in (0, 1)),   -- 0: resolved, closed or merged; what is promised later changes nothing
    facts     text  not null                  -- Sla/ClockFacts.cs
) {strict};
create index ticket_clock_running on ticket_clock (running, ticket_id);

alter table ticket add column next_response_due {int};
alter table ticket add column next_response_state text check (next_response_state in ('Running', 'Paused', 'Met', 'Breached'));
-- The earliest of the promises that are running; null when none is.
alter table ticket add column next_due {int};
