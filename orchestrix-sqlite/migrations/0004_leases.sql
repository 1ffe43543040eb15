-- Which of the processes that share the file moves which checkpoint.
CREATE TABLE nodes (
    node       TEXT    NOT NULL PRIMARY KEY,
    wants      TEXT    NOT NULL, -- names of leases, as a JSON array
    beats      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL  -- microseconds since 1970, UTC
) STRICT;

-- The token stays when a lease ends, so that the next one is higher.
CREATE TABLE leases (
    name       TEXT    NOT NULL PRIMARY KEY,
    node       TEXT,             -- none: it was given back
    token      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
