-- Tags, idempotency keys, binary payloads, archived streams.
--
-- The log is built anew instead of altered: SQLite can change neither a column's type nor how positions are drawn.
ALTER TABLE events RENAME TO events_of_0001;

-- Archiving deletes rows here, and SQLite would give the row id of a deleted newest row out again. AUTOINCREMENT keeps
-- the highest one ever given out, so no position comes twice, whoever deletes what.
CREATE TABLE events (
    position       INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant         TEXT    NOT NULL,
    stream         TEXT    NOT NULL,
    category       TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    event_id       BLOB    NOT NULL,
    event_type     TEXT    NOT NULL,
    schema_version INTEGER NOT NULL,
    occurred_at    INTEGER NOT NULL, -- microseconds since 1970, UTC
    tags           TEXT,             -- JSON list of texts, sorted; NULL where there is none
    metadata       TEXT    NOT NULL, -- JSON
    payload        ANY     NOT NULL  -- a text is JSON, a blob is of another encoding
) STRICT;

INSERT INTO events
SELECT position, tenant, stream, category, version, event_id, event_type, schema_version, occurred_at, NULL, metadata,
    payload
FROM events_of_0001
ORDER BY position;

DROP TABLE events_of_0001;

CREATE UNIQUE INDEX events_by_stream ON events (stream, tenant, version);
CREATE UNIQUE INDEX events_by_id ON events (event_id, tenant);

-- The events of archived streams, all of a stream or none: they are out of the tree and the indexes that appends and
-- loads go through.
CREATE TABLE archived_events (
    position       INTEGER PRIMARY KEY,
    tenant         TEXT    NOT NULL,
    stream         TEXT    NOT NULL,
    category       TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    event_id       BLOB    NOT NULL,
    event_type     TEXT    NOT NULL,
    schema_version INTEGER NOT NULL,
    occurred_at    INTEGER NOT NULL,
    tags           TEXT,
    metadata       TEXT    NOT NULL,
    payload        ANY     NOT NULL
) STRICT;

CREATE UNIQUE INDEX archived_events_by_stream ON archived_events (stream, tenant, version);
-- Not unique: an id may come again once its event is archived.
CREATE INDEX archived_events_by_id ON archived_events (event_id, tenant);

-- A row for each tag of each event, archived or not. With the type, so that a condition is decided here alone.
CREATE TABLE event_tags (
    tag        TEXT    NOT NULL,
    tenant     TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    event_type TEXT    NOT NULL,
    PRIMARY KEY (tag, tenant, position)
) STRICT, WITHOUT ROWID;

-- What came of the appends that had a key.
CREATE TABLE idempotency_keys (
    key      TEXT    NOT NULL,
    tenant   TEXT    NOT NULL,
    position INTEGER NOT NULL,
    streams  TEXT    NOT NULL, -- JSON list of [tenant, stream, first version, last version]
    PRIMARY KEY (key, tenant)
) STRICT, WITHOUT ROWID;
