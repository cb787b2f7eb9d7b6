-- A customer's server: what is wanted there (sheet), which machine it is (device), and the last that it told us (JSON as it came).
create table site (
    id              {key},
    code            text  not null unique,      -- in the medium's stamp; nobody guesses it, and it opens nothing by itself
    organisation_id {int} not null references organisation (id),
    name            text  not null check (length(name) between 1 and 100),
    state           text  not null check (state in ('Planned', 'Paired', 'Installing', 'Green', 'Attention')),
    sheet           text  not null,
    sheet_revision  {int} not null,             -- shown in forms; a change against an old one is refused
    device          text  not null default '',  -- hash of the machine's key; empty until its code was entered
    machine         {int} not null default 0,   -- counts the machines that this site has had: log numbers are theirs
    log_through     {int} not null default 0,   -- of the present machine
    last_counter    {int} not null default 0,   -- of its signed commands; never falls
    intercepted     {int} not null default 0 check (intercepted in (0, 1)),
    facts           text  not null default '',
    plan            text  not null default '',
    approved_plan   text  not null default '',
    steps           text  not null default '',
    fault           text  not null default '',
    report          text  not null default '',
    product         text  not null default '',  -- what the last report said, told to the house when it changes
    version         text  not null default '',
    token_id        {int},                      -- its token for downloads
    seen_at         {int} not null default 0,
    created_at      {int} not null
) {strict};
create index site_organisation on site (organisation_id);

create table site_log (
    site_id         {int} not null references site (id),
    machine         {int} not null,
    number          {int} not null,
    at              {int} not null,             -- by the site's clock
    level           text  not null,
    step            text  not null,
    text            text  not null,
    primary key (site_id, machine, number)
) {strict};

-- An order to a site, signed when it is sent; kept until its result, whatever restarts in between.
create table site_order (
    id              {key},
    site_id         {int} not null references site (id),
    machine         {int} not null,
    counter         {int} not null,
    kind            text  not null,             -- the order's type, such as apply-release
    body            text  not null,             -- JSON
    state           text  not null check (state in ('Waiting', 'Sent', 'Done', 'Failed', 'Dropped')),
    given_by        text  not null,
    given_at        {int} not null,
    expires_at      {int} not null,
    ended_at        {int} not null default 0,
    outcome         text  not null default '',
    detail          text  not null default '',
    fault           text  not null default ''
) {strict};
create unique index site_order_counter on site_order (site_id, counter);
create index site_order_open on site_order (site_id) where state in ('Waiting', 'Sent');

-- Releases that were published at this node, for the choices in forms.
create table site_release (
    product         text  not null,
    version         text  not null,
    kind            text  not null,
    published_at    {int} not null,
    primary key (product, version)
) {strict};
