SELECT position
FROM event_tags AS here
WHERE tag = ?1 AND position > ?2 AND position <= ?3 {more}
ORDER BY position
LIMIT ?4
