-- A contract of an organisation follows its agreements, which another module keeps: each change that is told is a row.
-- A row that ended before it began says that nothing is agreed any more.
alter table contract add column ends_at {int};                         -- null: until the next one
alter table contract add column source text not null default '';       -- the message that told it, so that hearing it twice is as once
create unique index contract_source on contract (source) where source <> '';
