-- The metadata no longer names it: nobody finds it or gets it any more. The row stays for the record of its transfers.
alter table release add column withdrawn {int} not null default 0 check (withdrawn in (0, 1));
