-- What a program was answered whose call had an Idempotency-Key: the same call again gets it again. Calls/KeyedCalls.cs.
create table kept_answer (
    caller       text   not null,             -- a token or a person
    call_key     text   not null check (length(call_key) between 1 and 255),
    content_hash {blob} not null,             -- SHA-256 of method, address and body
    status       {int},                       -- null: it came as far as writing, and its answer is not known
    content_type text   not null default '',
    body         {blob},
    expires_at   {int}  not null,
    primary key (caller, call_key)
) {strict};
create index kept_answer_expires on kept_answer (expires_at);
