-- Read models that are built anew beside the ones that are read. The documents of build n > 0 are in the collection
-- `name~n`.
ALTER TABLE checkpoints ADD COLUMN build INTEGER NOT NULL DEFAULT 0;

CREATE TABLE rebuilds (
    read_model TEXT    NOT NULL PRIMARY KEY,
    build      INTEGER NOT NULL
) STRICT;

-- Collections whose documents are to be deleted.
CREATE TABLE dropped_collections (
    collection TEXT NOT NULL PRIMARY KEY
) STRICT;
