-- The documents of read models.
create table {schema}.documents (
    collection text collate "C" not null,
    tenant     text collate "C" not null,
    key        text collate "C" not null,
    body       json             not null,
    primary key (collection, tenant, key)
)
