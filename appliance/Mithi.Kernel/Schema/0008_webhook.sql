-- Where programs of others are told what happens here. A hook of an organisation hears what that organisation may see.
create table webhook (
    id              {key},
    organisation_id {int} references organisation (id) on delete cascade,  -- null: the node's own
    made_by         {int},                    -- who is written to when it is stopped
    url             text  not null check (length(url) between 1 and 500),
    events          text  not null,           -- names, comma separated
    secret          text  not null,           -- sealed with keys/settings.key
    old_secret      text  not null default '',  -- signs beside the new one until old_until
    old_until       {int} not null default 0,
    state           text  not null check (state in ('On', 'Off', 'Stopped')),
    failing_since   {int} not null default 0, -- the first attempt of a row of failures; 0 after a success
    created_at      {int} not null            -- unix milliseconds, like every time in this database
) {strict};
create index webhook_organisation on webhook (organisation_id);

-- What a hook was told, is to be told, or would have been told while it was off. Oldest first is the order of telling.
create table webhook_delivery (
    id         {key},
    webhook_id {int} not null references webhook (id) on delete cascade,
    event_id   text  not null,                -- the same for every hook and every attempt
    type       text  not null,
    body       text  not null,                -- what is sent, to the byte
    state      text  not null check (state in ('Pending', 'Delivered', 'Failed', 'Missed')),
    attempts   {int} not null default 0,
    first_at   {int} not null default 0,      -- the first attempt
    due_at     {int} not null,                -- not before
    ended_at   {int} not null default 0,      -- the last attempt
    status     {int} not null default 0,      -- HTTP; 0: no answer
    answer     text  not null default '',     -- its beginning, or why there was none
    event_at   {int} not null
) {strict};
create index webhook_delivery_hook on webhook_delivery (webhook_id, id);
create index webhook_delivery_pending on webhook_delivery (webhook_id, id) where state = 'Pending';
create index webhook_delivery_age on webhook_delivery (event_at);
