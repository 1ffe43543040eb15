UPDATE schedules
   SET fired_at = ?4, payload = NULL, metadata = '{}'
 WHERE tenant = ?1 AND id = ?2 AND attempts = ?3 AND fired_at IS NULL
