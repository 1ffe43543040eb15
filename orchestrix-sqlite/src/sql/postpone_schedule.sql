UPDATE schedules
   SET next_attempt = ?4, error = ?5
 WHERE tenant = ?1 AND id = ?2 AND attempts = ?3 AND fired_at IS NULL
