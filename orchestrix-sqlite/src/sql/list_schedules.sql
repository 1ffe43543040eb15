SELECT tenant, id, due, next_attempt, kind, name, payload, metadata, attempts, error
  FROM schedules
 WHERE tenant = ?1 AND id > ?2 AND fired_at IS NULL
 ORDER BY id
 LIMIT ?3
