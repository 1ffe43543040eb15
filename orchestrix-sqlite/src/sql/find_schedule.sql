SELECT tenant, id, due, next_attempt, kind, name, payload, metadata, attempts, error, fired_at
  FROM schedules
 WHERE tenant = ?1 AND id = ?2
