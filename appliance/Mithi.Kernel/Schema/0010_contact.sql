-- Whom one talks to at an organisation, with or without an account.
create table contact (
    id              {key},
    organisation_id {int} not null references organisation (id) on delete cascade,
    person_id       {int} references person (id) on delete set null,   -- null: no account
    name            text  not null check (length(name) between 1 and 200),
    title           text  not null,           -- what he does there
    created_at      {int} not null,
    revision        {int} not null default 1
) {strict};
create index contact_organisation on contact (organisation_id);
create index contact_person on contact (person_id);

create table contact_phone (
    contact_id {int} not null references contact (id) on delete cascade,
    place      {int} not null,                -- 1, 2, 3: as they were written down
    phone      text  not null,                -- as it was typed
    phone_key  text  not null,                -- People/PhoneNumber.cs: digits from the country's code on
    primary key (contact_id, phone_key)
) {strict};
create index contact_phone_key on contact_phone (phone_key);

create table contact_address (
    contact_id {int} not null references contact (id) on delete cascade,
    place      {int} not null,
    email      text  not null,
    email_key  text  not null,
    primary key (contact_id, email_key)
) {strict};
create index contact_address_key on contact_address (email_key);
