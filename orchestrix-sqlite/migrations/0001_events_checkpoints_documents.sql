-- The log. Positions are row ids, given out inside the write transaction: as SQLite has one writer at a time over all
-- processes, their order is the order of the commits. Rows are never deleted, so no position is given out twice.
-- The payload stands last: what filters look at is found without reading it.
CREATE TABLE events (
    position       INTEGER PRIMARY KEY,
    tenant         TEXT    NOT NULL,
    stream         TEXT    NOT NULL,
    category       TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    event_id       BLOB    NOT NULL,
    event_type     TEXT    NOT NULL,
    schema_version INTEGER NOT NULL,
    occurred_at    INTEGER NOT NULL, -- microseconds since 1970, UTC
    metadata       TEXT    NOT NULL, -- JSON
    payload        TEXT    NOT NULL  -- JSON
) STRICT;

-- The tenant comes second in both: it is nearly always the same, and comparing what differs first is cheaper.
CREATE UNIQUE INDEX events_by_stream ON events (stream, tenant, version);
CREATE UNIQUE INDEX events_by_id ON events (event_id, tenant);

CREATE TABLE checkpoints (
    subscription TEXT    NOT NULL PRIMARY KEY,
    position     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Not WITHOUT ROWID: bodies may have kilobytes, which would be carried along in the inner pages of the tree.
CREATE TABLE documents (
    collection TEXT NOT NULL,
    tenant     TEXT NOT NULL,
    key        TEXT NOT NULL,
    body       TEXT NOT NULL, -- JSON
    PRIMARY KEY (collection, tenant, key)
) STRICT;
