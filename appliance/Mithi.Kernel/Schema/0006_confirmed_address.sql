-- An address counts as a person's only once he has shown that he reads what is sent there: otherwise whoever makes people
-- could name somebody else's address and be taken for him. A new address starts at nothing again.
alter table person add column confirmed_at {int} not null default 0;  -- 0: nobody has shown it yet

-- Who was there before and can sign in keeps what he had.
update person set confirmed_at = created_at
where password_hash is not null or exists (select 1 from passkey k where k.person_id = person.id);
