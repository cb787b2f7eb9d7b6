-- Wrong guesses are counted for a person and the network address that they come from, so that a stranger shuts the door for
-- himself and not for the person; and for the person alone (address empty), against many addresses at once.
drop table guess;
create table guess (
    email_sha256 text  not null,              -- also of addresses that nobody has, as before
    address      text  not null,
    failures     {int} not null,
    locked_until {int} not null,
    last_at      {int} not null,
    primary key (email_sha256, address)
) {strict};
create index guess_last on guess (last_at);
