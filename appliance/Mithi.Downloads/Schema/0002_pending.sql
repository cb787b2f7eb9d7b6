-- What is about to be published. Written before the signed metadata, which says neither the channel nor the publisher: a kill
-- between the two must not turn a beta into everybody's. A row goes with the one of release that is made of it.
create table release_pending (
    target    text  primary key,            -- product/version/name, as the metadata has it
    channel   text  not null,
    person_id {int},                        -- null: a token of an organisation, or the node itself
    label     text  not null,
    at        {int} not null
) {strict};
