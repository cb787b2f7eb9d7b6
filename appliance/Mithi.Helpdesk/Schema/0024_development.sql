-- What support gave to product development: in this node's own list, or on GitHub. Customers see none of it.
create table development_issue (
    id           {key},
    title        text  not null check (length(title) between 1 and 200),
    body         text  not null,              -- what staff chose to send, and nothing else
    place        text  not null check (place in ('Here', 'GitHub')),
    state        text  not null check (state in ('Open', 'Closed')),
    repository   text  not null,              -- owner/name; empty: our own list
    number       {int},                       -- there; null until it is known
    url          text  not null,
    marker       text  not null,              -- stands in its text there, so that it is found again when an answer was lost
    attempted_at {int},                       -- from here on it may be there although nobody told us
    there_state  text  not null,              -- what the other side was last known to say
    there_at     {int} not null,              -- when it last changed there; older news is no news
    created_by   text  not null,
    created_at   {int} not null,
    updated_at   {int} not null
) {strict};
create unique index development_issue_number on development_issue (repository, number) where number is not null;
create index development_issue_state on development_issue (state, updated_at, id);
create table development_ticket (
    issue_id  {int} not null,
    ticket_id {int} not null,
    primary key (issue_id, ticket_id)
) {strict};
create index development_ticket_ticket on development_ticket (ticket_id);
create table development_comment (
    id           {key},
    issue_id     {int} not null,
    author       text  not null,
    body         text  not null,
    origin       text  not null check (origin in ('Here', 'GitHub')),
    remote_id    {int},                       -- there; null until it is known
    marker       text  not null,
    attempted_at {int},
    at           {int} not null
) {strict};
create index development_comment_issue on development_comment (issue_id, id);
create unique index development_comment_remote on development_comment (issue_id, remote_id) where remote_id is not null;
-- Deliveries of the webhook that were taken: one that comes again is nothing.
create table development_delivery (
    id text  primary key,
    at {int} not null
) {strict};
create index development_delivery_at on development_delivery (at);
-- How far a repository has been read.
create table development_cursor (
    repository text  primary key,
    since      {int} not null
) {strict};
