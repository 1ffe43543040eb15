-- Events that subscriptions could not consume, and those of their streams that wait behind them.
CREATE TABLE dead_letters (
    subscription TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    tenant       TEXT    NOT NULL,
    stream       TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    event_id     BLOB    NOT NULL,
    event_type   TEXT    NOT NULL,
    attempts     INTEGER NOT NULL, -- 0: it only waits
    error        TEXT,
    parked_at    INTEGER NOT NULL, -- microseconds since 1970, UTC
    failed_at    INTEGER,
    request      TEXT,             -- retry, skip
    PRIMARY KEY (subscription, position)
) STRICT;

-- The first of each stream.
CREATE INDEX dead_letters_by_stream ON dead_letters (subscription, stream, tenant, position);
