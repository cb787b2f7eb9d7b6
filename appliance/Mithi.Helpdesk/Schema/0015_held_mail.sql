-- What a ticket's page asks for: which of its notes are mails that wait for staff.
create index mail_arrival_held on mail_arrival (ticket_id, seq) where outcome = 'Held';
