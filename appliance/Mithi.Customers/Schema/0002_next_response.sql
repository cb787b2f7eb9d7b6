-- Null: an answer to a later message is not promised.
alter table customer_target add column next_response_minutes {int} check (next_response_minutes > 0);
