-- The places of documents in the indexes of their collections.
CREATE TABLE document_indexes (
    collection TEXT NOT NULL,
    tenant     TEXT NOT NULL,
    key        TEXT NOT NULL,
    name       TEXT NOT NULL,
    value      BLOB NOT NULL, -- the kind and the value, in the order of the bytes
    PRIMARY KEY (collection, tenant, key, name)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX document_indexes_by_value ON document_indexes (collection, tenant, name, value, key);
