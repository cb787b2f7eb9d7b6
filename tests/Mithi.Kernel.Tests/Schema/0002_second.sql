insert into first (words) values ('@not_a_variable $nor$ this');
create table second (id {key}, first_id {int} not null references first (id)) {strict};
