-- Full text beside search_document. 'simple' splits words and leaves them whole, for English and Hindi alike.
alter table search_document add column words tsvector
    generated always as (setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B')) stored;
create index search_document_words on search_document using gin (words);
