-- Whether a change of priority or of this contract counts the time before it by the new calendar too.
alter table contract add column retroactive {int} not null default 0 check (retroactive in (0, 1));
alter table contract add column made_at {int} not null default 0;
alter table contract add column made_by text not null default '';           -- empty: the program itself, or a subscription
alter table calendar_version add column made_at {int} not null default 0;
alter table calendar_version add column made_by text not null default '';

-- The next moment at which somebody has to be told: a point of warning, or the end of a promise. Null: none.
alter table ticket_clock add column next_check {int};
-- Its text became shorter: the rows are made again from the logs.
delete from ticket_clock;
create index ticket_clock_check on ticket_clock (next_check) where next_check is not null;
