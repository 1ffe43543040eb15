-- Events that subscriptions could not consume, and those of their streams that wait behind them.
create table {schema}.dead_letters (
    subscription text collate "C" not null,
    position     bigint           not null,
    tenant       text collate "C" not null,
    stream       text collate "C" not null,
    version      bigint           not null,
    event_id     uuid             not null,
    event_type   text             not null,
    attempts     bigint           not null,
    error        text,
    parked_at    timestamptz      not null,
    failed_at    timestamptz,
    request      text,
    primary key (subscription, position)
);

-- The first of each stream.
create index dead_letters_by_stream on {schema}.dead_letters (subscription, tenant, stream, position)
