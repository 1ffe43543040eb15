-- The outcomes of the appends that had a key: the position of the last event, and for each write an array of tenant,
-- stream, first and last version.
create table {schema}.idempotency_keys (
    tenant   text collate "C" not null,
    key      text collate "C" not null,
    position bigint           not null,
    outcome  json             not null,
    primary key (tenant, key)
)
