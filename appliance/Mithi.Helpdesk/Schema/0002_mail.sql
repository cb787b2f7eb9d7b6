-- Where the fetching of a mailbox stands. A server that gives a new UIDVALIDITY is read from its beginning again.
create table mail_box (
    mailbox      text  primary key,           -- user@host/folder
    uid_validity {int} not null,
    last_uid     {int} not null,
    checked_at   {int} not null,
    error        text  not null default ''
) {strict};

-- Every mail that came in and what was made of it. Its bytes are in a blob from the first moment on.
create table mail_arrival (
    id           {key},
    mailbox      text  not null,
    uid_validity {int} not null,
    uid          text  not null,              -- the server's, or a hash for what came through a pipe
    raw          text  not null,              -- blob
    message_id   text  not null,              -- empty: it had none
    body_hash    text  not null,              -- with the Message-ID it tells a second delivery from a second mail
    sender       text  not null,
    subject      text  not null,
    outcome      text  not null check (outcome in ('Opened', 'Replied', 'Held', 'Automatic', 'Duplicate', 'Own', 'Quarantined')),
    reason       text  not null,
    ticket_id    {int},
    seq          {int},
    arrived_at   {int} not null
) {strict};
create unique index mail_arrival_uid on mail_arrival (mailbox, uid_validity, uid);
create unique index mail_arrival_content on mail_arrival (message_id, body_hash)
    where message_id <> '' and outcome not in ('Duplicate');
create index mail_arrival_time on mail_arrival (arrived_at);

-- Every Message-ID of a conversation, theirs and ours: what answers are found by.
create table mail_id (
    message_id text  not null,                -- without angle brackets
    ticket_id  {int} not null,
    ours       {int} not null check (ours in (0, 1)),
    at         {int} not null,
    primary key (message_id, ticket_id)
) {strict};
create index mail_id_ticket on mail_id (ticket_id, at);

-- Answers that we sent by ourselves; the breakers count them.
create table mail_automatic (
    id        {key},
    email_key text  not null,
    ticket_id {int} not null,
    at        {int} not null
) {strict};
create index mail_automatic_sender on mail_automatic (email_key, at);
