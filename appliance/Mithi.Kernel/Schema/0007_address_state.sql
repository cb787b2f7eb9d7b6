-- Addresses to which mail does not get through, or whose owner does not want it. One that is not here is all right.
create table address_state (
    email_key    text  primary key,
    email        text  not null,
    state        text  not null check (state in ('SoftBounce', 'HardBounce', 'Complaint', 'OptOut')),
    soft_bounces {int} not null,
    said         text  not null,              -- what the mail server said last
    changed_at   {int} not null
) {strict};
