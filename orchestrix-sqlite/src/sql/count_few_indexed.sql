-- How many documents are at a place in an index of the build that is read, at most ?5.
SELECT count(*)
FROM (
    SELECT 1
    FROM document_indexes
    WHERE collection = coalesce((SELECT subscription || '~' || build FROM checkpoints WHERE subscription = ?1 AND build > 0), ?1)
        AND tenant = ?2 AND name = ?3 AND value = ?4
    LIMIT ?5
)
