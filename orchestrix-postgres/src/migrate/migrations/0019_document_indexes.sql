-- The places of documents in the indexes of their collections.
create table {schema}.document_indexes (
    collection text collate "C" not null,
    tenant     text collate "C" not null,
    key        text collate "C" not null,
    name       text collate "C" not null,
    value      bytea            not null,
    primary key (collection, tenant, key, name)
);

create unique index document_indexes_by_value on {schema}.document_indexes (collection, tenant, name, value, key)
