-- How far the events of streams are folded into the documents of collections that appends write to, too.
CREATE TABLE stream_progress (
    collection TEXT    NOT NULL,
    tenant     TEXT    NOT NULL,
    stream     TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (collection, tenant, stream)
) STRICT, WITHOUT ROWID;
