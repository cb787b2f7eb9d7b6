-- The index of the sections' repositories: page views read this and never git. It is rebuilt from git alone.
create table wiki_section (
    slug      text primary key,
    head      text not null default ''          -- the commit up to which the index stands; empty: nothing yet
) {strict};

create table wiki_page (
    section    text  not null references wiki_section (slug),
    path       text  not null,                  -- without .md
    page_id    text  not null,                  -- from the front matter; empty where a page has none
    title      text  not null,
    blob       text  not null,                  -- git's id of the content
    body       text  not null,
    changed_at {int} not null,
    changed_by text  not null,
    primary key (section, path)
) {strict};

create table wiki_change (
    id          {key},
    section     text  not null references wiki_section (slug),
    path        text  not null,
    commit_sha  text  not null,
    blob_before text  not null,                 -- empty: the page was made
    blob_after  text  not null,                 -- empty: the page was deleted
    author      text  not null,
    summary     text  not null,
    changed_at  {int} not null
) {strict};
create unique index wiki_change_once on wiki_change (section, path, commit_sha);
create index wiki_change_page on wiki_change (section, path, id);
