-- What is to be done at a time, and what was done of it: the id stays, so that it is not done again.
CREATE TABLE schedules (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    due          INTEGER NOT NULL, -- microseconds since 1970, UTC, as all times here
    next_attempt INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    payload      ANY,              -- JSON as text, another encoding as a blob; nothing once it was fired
    metadata     TEXT    NOT NULL, -- JSON
    attempts     INTEGER NOT NULL,
    error        TEXT,
    fired_at     INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedules_waiting ON schedules (next_attempt, id, tenant) WHERE fired_at IS NULL;
CREATE INDEX schedules_fired ON schedules (fired_at) WHERE fired_at IS NOT NULL;
