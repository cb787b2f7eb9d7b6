-- Organisations: the vendor, its partners, their customers. Whoever serves a customer is its partner_id.
create table organisation (
    id          {key},
    kind        text  not null check (kind in ('Vendor', 'Partner', 'Customer')),
    name        text  not null check (length(name) between 1 and 200),
    partner_id  {int} references organisation (id),
    time_zone   text  not null default 'Asia/Kolkata',
    disabled    {int} not null default 0 check (disabled in (0, 1)),  -- its people and tokens are nobody
    created_at  {int} not null,               -- unix milliseconds, like every time in this database
    revision    {int} not null default 1
) {strict};
create unique index organisation_name on organisation (name);
create index organisation_partner on organisation (partner_id);

create table person (
    id              {key},
    organisation_id {int} not null references organisation (id),
    role            text  not null check (role in ('CustomerUser', 'CustomerAdministrator', 'Partner', 'SupportL1',
                        'SupportL2', 'SupportL3', 'Development', 'ReleaseEngineer', 'Administrator')),
    name            text  not null check (length(name) between 1 and 200),
    email           text  not null check (length(email) between 3 and 254),
    email_key       text  not null,           -- lower case; how people sign in and mail finds them
    language        text  not null default '',  -- empty: what the browser asks for
    time_zone       text  not null default '',  -- empty: the organisation's
    password_hash   text,
    security_stamp  text  not null,           -- changes with every change of a credential and ends open sessions
    totp_key        text,                     -- base32; null: no second factor
    totp_last_step  {int} not null default 0,  -- a code is good once
    recovery_codes  text  not null default '', -- hashes, one a line
    disabled        {int} not null default 0 check (disabled in (0, 1)),
    created_at      {int} not null,
    last_seen_at    {int} not null default 0,
    revision        {int} not null default 1
) {strict};
create unique index person_email on person (email_key);
create index person_organisation on person (organisation_id);

-- A cookie holds the secret; the table holds its SHA-256, so a stolen backup signs nobody in.
create table session (
    id            {key},
    secret_sha256 text  not null unique,
    person_id     {int} not null references person (id) on delete cascade,
    stamp         text  not null,
    user_agent    text  not null,
    address       text  not null,
    created_at    {int} not null,
    seen_at       {int} not null,
    expires_at    {int} not null
) {strict};
create index session_person on session (person_id);

-- A token belongs to a person, or to an organisation alone (a site, a node): then it can do just what is listed.
create table api_token (
    id              {key},
    secret_sha256   text  not null unique,
    name            text  not null check (length(name) between 1 and 100),
    organisation_id {int} not null references organisation (id),
    person_id       {int} references person (id) on delete cascade,
    permissions     text  not null,           -- names, comma separated; empty: all of the person's
    created_at      {int} not null,
    used_at         {int} not null default 0,
    expires_at      {int} not null
) {strict};
create index api_token_person on api_token (person_id);

create table passkey (
    credential_id  text  primary key,         -- base64url
    person_id      {int} not null references person (id) on delete cascade,
    name           text  not null,
    detail         text  not null,            -- what the framework wants to see again, as JSON
    created_at     {int} not null
) {strict};
create index passkey_person on passkey (person_id);

-- Secrets that are good once and not for long: the first administrator's link, invitations, forgotten passwords, and what
-- lies between two steps of a sign-in.
create table one_time_link (
    id            {key},
    secret_sha256 text  not null unique,
    purpose       text  not null check (purpose in ('FirstRun', 'Invitation', 'Password', 'SecondStep', 'NewTotp', 'Passkey')),
    person_id     {int} references person (id) on delete cascade,
    detail        text  not null default '',  -- what the next step needs, such as a passkey's challenge
    created_at    {int} not null,
    expires_at    {int} not null,
    used_at       {int} not null default 0
) {strict};
create index one_time_link_person on one_time_link (person_id);
create index one_time_link_expiry on one_time_link (expires_at);

-- Wrong guesses, also for addresses that nobody has: neither an answer nor its time tells a stranger who has an account.
create table guess (
    email_sha256 text  primary key,
    failures     {int} not null,
    locked_until {int} not null,
    last_at      {int} not null
) {strict};
create index guess_last on guess (last_at);

-- Which products and versions an organisation may have, until when. Intake, hotline, SLA and downloads ask this alone.
create table entitlement (
    id              {key},
    organisation_id {int} not null references organisation (id) on delete cascade,
    product         text  not null,
    version_from    text  not null default '',   -- empty: from the first
    version_below   text  not null default '',   -- empty: no end
    channel         text  not null default 'stable',
    until_date      text  not null,              -- yyyy-mm-dd, through its last minute in time_zone
    time_zone       text  not null,
    created_at      {int} not null
) {strict};
create index entitlement_organisation on entitlement (organisation_id, product);
