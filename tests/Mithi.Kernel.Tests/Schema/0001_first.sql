create table first (id {key}, words text not null) {strict};
