-- Of the build that is read. Behind the key ?4, which is NULL for a scan from the start (?3 is then the empty text, the lowest key there can be).
SELECT key, body
FROM documents
WHERE collection = coalesce((SELECT subscription || '~' || build FROM checkpoints WHERE subscription = ?1 AND build > 0), ?1) AND tenant = ?2 AND key >= ?3 AND key IS NOT ?4
ORDER BY key
LIMIT ?5
