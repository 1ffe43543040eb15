UPDATE schedules
   SET attempts = attempts + 1, next_attempt = ?3
 WHERE tenant = ?1 AND id = ?2
