-- Which of the nodes that share the database moves which checkpoint.
create table {schema}.nodes (
    node       text collate "C" not null primary key,
    -- Names of leases.
    wants      text[]           not null,
    beats      bigint           not null,
    expires_at timestamptz      not null
);

-- The token stays when a lease ends, so that the next one is higher.
create table {schema}.leases (
    name       text collate "C" not null primary key,
    -- None: it was given back.
    node       text collate "C",
    token      bigint           not null,
    expires_at timestamptz      not null
)
