-- Who may find a document is in the index too: words and reach are intersected there, so a reader of few things never walks
-- through the hits of everybody. What grows without end has an index of its own: looking for the few pages of a manual must
-- not walk through a million tickets. Three and four letters of a word that is being typed have lists of their own.
alter table search_document add column grows {int} not null default 0;   -- of a kind without end, such as tickets: the newest come first
alter table search_document add column marks text not null default '';   -- Search/SearchMarks.cs
drop trigger search_document_added;
drop trigger search_document_removed;
drop trigger search_document_changed;
drop table search_text;
update search_document set grows = 1 where kind in ('ticket', 'ticket-note');
update search_document set marks = 'k' || replace(kind, '-', '') || ' p' || lower(permission)
    || case when organisation_id is null then '' else ' o' || organisation_id end
    || case when maker_id is null then '' else ' m' || maker_id end;

create virtual table search_still using fts5 (
    title, body, marks, content = '', prefix = '3 4', tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
insert into search_still (rowid, title, body, marks) select id, title, body, marks from search_document where grows = 0;
create trigger search_still_added after insert on search_document when new.grows = 0 begin
    insert into search_still (rowid, title, body, marks) values (new.id, new.title, new.body, new.marks);
end;
create trigger search_still_removed after delete on search_document when old.grows = 0 begin
    insert into search_still (search_still, rowid, title, body, marks) values ('delete', old.id, old.title, old.body, old.marks);
end;
create trigger search_still_changed after update of title, body, marks on search_document when old.grows = 0 begin
    insert into search_still (search_still, rowid, title, body, marks) values ('delete', old.id, old.title, old.body, old.marks);
    insert into search_still (rowid, title, body, marks) values (new.id, new.title, new.body, new.marks);
end;

create virtual table search_grows using fts5 (
    title, body, marks, content = '', prefix = '3 4', tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
insert into search_grows (rowid, title, body, marks) select id, title, body, marks from search_document where grows = 1;
create trigger search_grows_added after insert on search_document when new.grows = 1 begin
    insert into search_grows (rowid, title, body, marks) values (new.id, new.title, new.body, new.marks);
end;
create trigger search_grows_removed after delete on search_document when old.grows = 1 begin
    insert into search_grows (search_grows, rowid, title, body, marks) values ('delete', old.id, old.title, old.body, old.marks);
end;
create trigger search_grows_changed after update of title, body, marks on search_document when old.grows = 1 begin
    insert into search_grows (search_grows, rowid, title, body, marks) values ('delete', old.id, old.title, old.body, old.marks);
    insert into search_grows (rowid, title, body, marks) values (new.id, new.title, new.body, new.marks);
end;
