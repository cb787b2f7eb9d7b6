-- Whether a change of what was agreed counts the time before it by the new calendar too.
alter table customer_subscription add column retroactive {int} not null default 0 check (retroactive in (0, 1));
