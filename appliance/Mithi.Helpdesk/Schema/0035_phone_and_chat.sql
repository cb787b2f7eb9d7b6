-- What is said on the phone or in a chat comes in a way of its own.
alter table ticket_message add column way text not null default 'Portal' check (way in ('Portal', 'Mail', 'Api', 'Phone', 'Chat'));
update ticket_message set way = via where way <> via;
alter table ticket_message drop column via;
alter table ticket_message rename column way to via;

alter table ticket_note add column way text not null default 'Portal' check (way in ('Portal', 'Mail', 'Api', 'Phone', 'Chat'));
update ticket_note set way = via where way <> via;
alter table ticket_note drop column via;
alter table ticket_note rename column way to via;
