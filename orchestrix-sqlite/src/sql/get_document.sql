-- Of the build that is read.
SELECT body
FROM documents
WHERE collection = coalesce((SELECT subscription || '~' || build FROM checkpoints WHERE subscription = ?1 AND build > 0), ?1) AND tenant = ?2 AND key = ?3
