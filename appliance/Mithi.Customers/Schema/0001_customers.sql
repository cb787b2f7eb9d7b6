-- What runs where, as the sites themselves told it.
create table customer_installation (
    id              {key},
    organisation_id {int} not null references organisation (id),
    site_id         {int} not null,
    product         text  not null,
    version         text  not null,
    first_at        {int} not null,
    changed_at      {int} not null
) {strict};
create unique index customer_installation_site on customer_installation (site_id, product);
create index customer_installation_organisation on customer_installation (organisation_id);

-- What was agreed: how fast, when, and until when.
create table customer_subscription (
    id              {key},
    organisation_id {int} not null references organisation (id),
    plan            text  not null check (length(plan) between 1 and 100),
    calendar        text  not null check (length(calendar) between 1 and 100),
    hotline         {int} not null check (hotline in (0, 1)),
    until_date      text  not null,           -- yyyy-mm-dd, through its last minute in time_zone
    time_zone       text  not null,
    created_at      {int} not null,
    revision        {int} not null default 1
) {strict};
create index customer_subscription_organisation on customer_subscription (organisation_id);

create table customer_target (
    subscription_id     {int} not null references customer_subscription (id) on delete cascade,
    priority            text  not null check (priority in ('P1', 'P2', 'P3', 'P4')),
    response_minutes    {int} not null check (response_minutes > 0),
    resolution_minutes  {int} not null check (resolution_minutes >= response_minutes),
    primary key (subscription_id, priority)
) {strict};

-- How a customer's servers are set up, in Markdown. A row is one saved state and never changes.
create table customer_setup (
    id              {key},
    organisation_id {int} not null references organisation (id),
    revision        {int} not null,
    body            text  not null,
    note            text  not null,           -- what was changed, in the author's words
    author_id       {int},
    author_name     text  not null,
    saved_at        {int} not null
) {strict};
create unique index customer_setup_revision on customer_setup (organisation_id, revision);
