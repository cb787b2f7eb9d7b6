-- The download centre's index of what the signed metadata names. The metadata decides; these rows only make it findable.
create table release (
    id           {key},
    product      text  not null,
    version      text  not null,
    version_key  {int} not null,               -- versions in their order
    kind         text  not null check (kind in ('Build', 'ServicePack', 'Patch', 'Ptf', 'OsImage')),
    platform     text  not null,
    name         text  not null,               -- of the archive
    target       text  not null unique,        -- product/version/name, as the metadata has it
    sha256       text  not null,
    bytes        {int} not null,
    channel      text  not null,
    base_version text  not null default '',    -- of a patch or service pack
    fixes        text  not null default '',    -- ticket ids, one a line
    notes        text  not null default '',
    published_at {int} not null
) {strict};
create index release_product on release (product, version_key);

-- A row per transfer: who got which bytes. It begins before the first byte and is completed behind the last.
create table download (
    id         {key},
    release_id {int} not null references release (id),
    who        text  not null,                  -- person:N or token:N
    organisation_id {int} references organisation (id),
    address    text  not null,
    started_at {int} not null,
    range_from {int} not null,
    bytes      {int} not null default 0,         -- sent
    complete   {int} not null default 0 check (complete in (0, 1))
) {strict};
create index download_release on download (release_id, id);
