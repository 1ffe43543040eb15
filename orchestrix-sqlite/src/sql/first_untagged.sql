SELECT position
FROM events NOT INDEXED
WHERE position > ?1 AND tenant = ?2 {more}
ORDER BY position
LIMIT 1
