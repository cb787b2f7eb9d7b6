-- What staff said in a chat and nobody of the customer's has been shown yet. No part of a ticket: it is gone once read or mailed.
create table chat_unread (
    ticket_id {int} not null primary key,
    first_seq {int} not null,
    last_seq  {int} not null,
    due_at    {int} not null                  -- when it is mailed
) {strict};
create index chat_unread_due on chat_unread (due_at);
