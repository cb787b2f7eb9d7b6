-- What the house has still to do. A row that is done is deleted; one that failed stays until a person retries or drops it.
create table job (
    id          {key},
    kind        text  not null check (kind in ('Job', 'Outbox', 'Recurring')),
    name        text  not null,               -- the job's kind, the handler's or the recurring job's name
    topic       text  not null default '',    -- Outbox only
    payload     text  not null,               -- JSON
    once_key    text,                         -- two of the same name and key are not queued side by side
    state       text  not null check (state in ('Queued', 'Running', 'Waiting', 'Failed')),
    again       {int} not null default 0 check (again in (0, 1)),  -- added once more while it ran
    attempts    {int} not null default 0,
    run_at      {int} not null,
    created_at  {int} not null,
    started_at  {int} not null default 0,
    ended_at    {int} not null default 0,
    error       text  not null default ''
) {strict};
create index job_due on job (run_at) where state in ('Queued', 'Waiting');
create unique index job_once on job (kind, name, once_key) where once_key is not null;

-- Who did what. Each hash covers the one before it and the row, keyed by keys/audit.key, so a changed or removed row shows.
create table audit (
    id          {int} primary key,            -- 1, 2, 3 without gaps
    at          {int} not null,
    person_id   {int},                        -- null for tokens, the command line and the house itself
    label       text  not null,               -- the name at that time
    action      text  not null,
    subject     text  not null,
    detail      text  not null,
    hash        text  not null
) {strict};
create index audit_person on audit (person_id);

-- The end of the chain, so that rows cut off the end show too.
create table audit_head (
    one         {int} primary key check (one = 1),
    last_id     {int} not null,
    hash        text  not null
) {strict};

create table setting (
    key         text  primary key,
    value       text  not null,               -- a secret is encrypted with keys/settings.key
    changed_at  {int} not null,
    changed_by  text  not null
) {strict};

create table search_document (
    id              {key},
    kind            text  not null,
    item            text  not null,           -- the thing's id within its kind
    title           text  not null,
    body            text  not null,
    url             text  not null,
    permission      text  not null,           -- who may read: People/PermissionTable
    organisation_id {int},
    maker_id        {int},
    language        text  not null,
    changed_at      {int} not null
) {strict};
create unique index search_document_item on search_document (kind, item);

-- Every mail that was given to us to send, and what became of it.
create table outgoing_mail (
    id          {key},
    message_id  text  not null unique,        -- made before the first attempt, so that every attempt is the same mail
    mail        text  not null,               -- JSON, as it was given
    subject     text  not null,
    recipients  text  not null,               -- comma separated, for the list
    state       text  not null check (state in ('Queued', 'Sent', 'Refused')),
    created_at  {int} not null,
    sent_at     {int} not null default 0,
    answer      text  not null default ''     -- the mail server's last words
) {strict};
create index outgoing_mail_created on outgoing_mail (created_at);
