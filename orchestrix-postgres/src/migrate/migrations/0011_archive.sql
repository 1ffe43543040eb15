-- Streams that were taken off the hot path. Each has all of its events here, and none among the others.
create table {schema}.archived_events (
    position       bigint           primary key,
    tenant         text collate "C" not null,
    stream         text collate "C" not null,
    version        bigint           not null check (version > 0),
    event_id       uuid             not null,
    event_type     text collate "C" not null,
    schema_version bigint           not null,
    occurred_at    timestamptz      not null,
    metadata       json             not null,
    payload        json,
    tags           text[],
    payload_binary bytea,
    constraint archived_events_stream_version unique (tenant, stream, version),
    constraint archived_events_one_payload    check (num_nonnulls(payload, payload_binary) = 1)
);

-- Not unique: the id of an archived event may be taken again, by an event that is archived some day, too.
create index archived_events_event_id on {schema}.archived_events (tenant, event_id);

create table {schema}.archived_streams (
    tenant  text collate "C" not null,
    stream  text collate "C" not null,
    version bigint           not null,
    primary key (tenant, stream)
)
