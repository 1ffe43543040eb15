SELECT count(*)
FROM (SELECT 1 FROM event_tags WHERE tag = ?1 {more} LIMIT ?2)
