-- What is to be done at a time, and what was done of it: the id stays, so that it is not done again.
create table {schema}.schedules (
    tenant         text collate "C" not null,
    id             text collate "C" not null,
    due            timestamptz      not null,
    next_attempt   timestamptz      not null,
    kind           text             not null,
    name           text             not null,
    -- One of both, until it was fired.
    payload        json,
    payload_binary bytea,
    metadata       json             not null,
    attempts       bigint           not null,
    error          text,
    fired_at       timestamptz,
    primary key (tenant, id)
);

create index schedules_waiting on {schema}.schedules (next_attempt, id, tenant) where fired_at is null;
create index schedules_fired on {schema}.schedules (fired_at) where fired_at is not null
