-- What was brought over from another helpdesk: a second run knows it by this and takes in only what is new.
create table ticket_import (
    source    text  not null,                 -- the name that the importer was given for the other helpdesk
    key       text  not null,                 -- of the ticket there, or of the mail
    ticket_id {int} not null,
    at        {int} not null,
    primary key (source, key)
) {strict};
create index ticket_import_ticket on ticket_import (ticket_id);
