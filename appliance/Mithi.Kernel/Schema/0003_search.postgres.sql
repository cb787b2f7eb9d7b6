-- Full text beside search_document. 'simple' splits words and leaves them whole, for English and Hindi alike. Punctuation
-- becomes blanks first: left alone, the parser would keep "5.7.1", addresses and paths as one word each, and SQLite does not.
alter table search_document add column words tsvector generated always as (
    setweight(to_tsvector('simple', translate(title, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                ')), 'A')
    || setweight(to_tsvector('simple', translate(body, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                ')), 'B')
) stored;
create index search_document_words on search_document using gin (words);
