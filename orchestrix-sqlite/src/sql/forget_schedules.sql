DELETE FROM schedules
 WHERE (tenant, id) IN (SELECT tenant, id FROM schedules WHERE fired_at < ?1 ORDER BY fired_at LIMIT ?2)
