-- A mail that comes again with the same bytes is found by them.
create index mail_arrival_raw on mail_arrival (raw);
