-- What is the same in the subjects of a storm of mails: an alarm counts its numbers up, and so no two are equal.
alter table mail_arrival add column subject_key text not null default '';
create index mail_arrival_alike on mail_arrival (mailbox, subject_key, arrived_at);
