-- Outlook's own thread: the first 22 bytes of Thread-Index stay the same through a conversation, whatever happens to its ids.
create table mail_thread_index (
    root      text  not null,                 -- hexadecimal
    ticket_id {int} not null,
    newest    text  not null,                 -- the whole of the last one, for our answers
    at        {int} not null,
    primary key (root, ticket_id)
) {strict};
create index mail_thread_index_ticket on mail_thread_index (ticket_id, at);
