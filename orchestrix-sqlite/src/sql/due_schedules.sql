SELECT tenant, id, due, next_attempt, kind, name, payload, metadata, attempts, error
  FROM schedules
 WHERE fired_at IS NULL AND next_attempt <= ?1
 ORDER BY next_attempt, id, tenant
 LIMIT ?2
