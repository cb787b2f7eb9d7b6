-- The text of a mail is needed until it has gone, and may hold a link that opens an account.
update outgoing_mail set mail = '' where state in ('Sent', 'Refused');
