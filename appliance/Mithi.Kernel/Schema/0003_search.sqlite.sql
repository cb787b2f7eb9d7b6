-- Full text beside search_document, kept in step by triggers. Marks are removed so that "resume" finds "résumé";
-- Indic vowel signs are letters here (categories Mn, Mc), or Hindi words would break at each of them.
create virtual table search_text using fts5 (
    title, body, content = 'search_document', content_rowid = 'id',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
create trigger search_document_added after insert on search_document begin
    insert into search_text (rowid, title, body) values (new.id, new.title, new.body);
end;
create trigger search_document_removed after delete on search_document begin
    insert into search_text (search_text, rowid, title, body) values ('delete', old.id, old.title, old.body);
end;
create trigger search_document_changed after update on search_document begin
    insert into search_text (search_text, rowid, title, body) values ('delete', old.id, old.title, old.body);
    insert into search_text (rowid, title, body) values (new.id, new.title, new.body);
end;
