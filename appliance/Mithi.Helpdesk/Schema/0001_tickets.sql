-- Calendars never change: an edit is a new version, valid from an instant on, so that past clocks stay what they were.
create table calendar (
    id    {key},
    name  text  not null unique
) {strict};
create table calendar_version (
    calendar_id    {int} not null references calendar (id),
    version        {int} not null,
    effective_from {int} not null,            -- unix milliseconds, like every time in this database
    definition     text  not null,            -- Sla/CalendarJson.cs
    primary key (calendar_id, version)
) {strict};

-- What is promised. A change is a new row; the one that was valid at a moment decides that moment.
create table contract (
    id              {key},
    organisation_id {int} not null default 0,  -- 0: every organisation that has none of its own
    effective_from  {int} not null,
    name            text  not null
) {strict};
create index contract_organisation on contract (organisation_id, effective_from);
create table contract_target (
    contract_id {int} not null references contract (id),
    priority    text  not null check (priority in ('P1', 'P2', 'P3', 'P4')),
    clock       text  not null check (clock in ('FirstResponse', 'Resolution')),
    calendar_id {int} not null references calendar (id),
    minutes     {int} not null check (minutes between 1 and 527040),
    primary key (contract_id, priority, clock)
) {strict};

-- The truth about tickets: rows are only added, and each hash covers the row and the one before it, keyed by
-- keys/tickets.key. Every other table about tickets can be made again from this one.
create table ticket_event (
    ticket_id  {int} not null,
    seq        {int} not null,                -- 1, 2, 3 without gaps
    at         {int} not null,
    actor_id   {int},                         -- null: the house itself, or a sender without an account
    actor_name text  not null,
    kind       text  not null,
    detail     text  not null,                -- JSON, Tickets/TicketEvent.cs
    body       text  not null,                -- what somebody wrote, as it was written
    hash       text  not null,
    primary key (ticket_id, seq)
) {strict};

create table ticket (
    id                {key},
    organisation_id   {int},                  -- null: mail of somebody whom nobody knows; staff alone sees it
    requester_id      {int},
    requester_name    text  not null,
    requester_email   text  not null,
    subject           text  not null check (length(subject) between 1 and 200),
    kind              text  not null check (kind in ('Question', 'Incident', 'Defect', 'Suggestion', 'Request')),
    priority          text  not null check (priority in ('P1', 'P2', 'P3', 'P4')),
    state             text  not null check (state in ('New', 'Open', 'WaitingForCustomer', 'WaitingForVendor', 'Resolved',
                          'Closed', 'Merged')),
    level             text  not null check (level in ('L1', 'L2', 'L3', 'Development')),
    assignee_id       {int},
    assignee_name     text  not null,
    product           text  not null,
    product_version   text  not null,
    fix_product       text  not null,         -- empty: no fix is published
    fix_version       text  not null,
    follows_id        {int},                  -- the closed ticket that this one goes on with
    merged_into_id    {int},
    seq               {int} not null,         -- the last event's
    hash              text  not null,         -- the last event's, so that rows cut off the end show
    opened_at         {int} not null,
    updated_at        {int} not null,
    stopped_at        {int},                  -- when it was last resolved, closed or merged
    response_due      {int},                  -- a cache of what the clocks said at updated_at
    response_state    text  not null check (response_state in ('Running', 'Paused', 'Met', 'Breached')),
    resolution_due    {int},
    resolution_state  text  not null check (resolution_state in ('Running', 'Paused', 'Met', 'Breached'))
) {strict};
create index ticket_updated on ticket (updated_at, id);
create index ticket_organisation on ticket (organisation_id, updated_at, id);
create index ticket_requester on ticket (requester_id, updated_at, id);
create index ticket_stopped on ticket (stopped_at) where state = 'Resolved';

-- Public messages and internal notes never share a table: what customers are shown and sent is read from here alone.
create table ticket_message (
    ticket_id   {int} not null,
    seq         {int} not null,               -- the event that said it
    side        text  not null check (side in ('Customer', 'Staff', 'House')),
    author_id   {int},
    author_name text  not null,
    via         text  not null check (via in ('Portal', 'Mail', 'Api')),
    body        text  not null,
    posted_at   {int} not null,
    primary key (ticket_id, seq)
) {strict};

-- Internal. No page, mail or answer for a customer reads this table.
create table ticket_note (
    ticket_id   {int} not null,
    seq         {int} not null,
    author_id   {int},
    author_name text  not null,
    via         text  not null check (via in ('Portal', 'Mail', 'Api')),
    body        text  not null,
    posted_at   {int} not null,
    primary key (ticket_id, seq)
) {strict};

create table ticket_file (
    ticket_id    {int} not null,
    seq          {int} not null,
    number       {int} not null,              -- 1, 2, 3 within the message or note
    internal     {int} not null check (internal in (0, 1)),   -- of a note
    blob         text  not null,
    name         text  not null,
    content_type text  not null,              -- by its content, not by what the sender said
    bytes        {int} not null,
    primary key (ticket_id, seq, number)
) {strict};
create index ticket_file_blob on ticket_file (blob);

-- Whom public replies go to by mail.
create table ticket_participant (
    ticket_id   {int} not null,
    email_key   text  not null,
    email       text  not null,
    name        text  not null,
    primary key (ticket_id, email_key)
) {strict};
create index ticket_participant_email on ticket_participant (email_key);

-- Which fixes were told of: a release that is published twice, or a message that is handled twice, tells once.
create table ticket_fix (
    ticket_id {int} not null,
    product   text  not null,
    version   text  not null,
    told_at   {int} not null,
    primary key (ticket_id, product, version)
) {strict};

insert into calendar (name) values ('24x7');
insert into calendar (name) values ('12x6');
insert into calendar_version (calendar_id, version, effective_from, definition)
select id, 1, 0, '{"time_zone": "Asia/Kolkata", "week": {"mon": [["00:00", "24:00"]], "tue": [["00:00", "24:00"]], "wed": [["00:00", "24:00"]], "thu": [["00:00", "24:00"]], "fri": [["00:00", "24:00"]], "sat": [["00:00", "24:00"]], "sun": [["00:00", "24:00"]]}}'
from calendar where name = '24x7';
insert into calendar_version (calendar_id, version, effective_from, definition)
select id, 1, 0, '{"time_zone": "Asia/Kolkata", "week": {"mon": [["08:00", "20:00"]], "tue": [["08:00", "20:00"]], "wed": [["08:00", "20:00"]], "thu": [["08:00", "20:00"]], "fri": [["08:00", "20:00"]], "sat": [["08:00", "20:00"]]}}'
from calendar where name = '12x6';
insert into contract (organisation_id, effective_from, name) values (0, 0, 'Standard');
insert into contract_target (contract_id, priority, clock, calendar_id, minutes)
select c.id, t.priority, t.clock, k.id, t.minutes
from contract c
    join (
        select 'P1' as priority, 'FirstResponse' as clock, '24x7' as calendar, 60 as minutes
        union all select 'P1', 'Resolution', '24x7', 480
        union all select 'P2', 'FirstResponse', '12x6', 240
        union all select 'P2', 'Resolution', '12x6', 1440
        union all select 'P3', 'FirstResponse', '12x6', 480
        union all select 'P3', 'Resolution', '12x6', 3600
        union all select 'P4', 'FirstResponse', '12x6', 1440
        union all select 'P4', 'Resolution', '12x6', 7200
    ) t on true
    join calendar k on k.name = t.calendar
where c.name = 'Standard';
