select tenant, id, due, next_attempt, kind, name, payload::text, payload_binary, metadata::text, attempts, error,
       fired_at
  from {schema}.schedules
 where tenant = $1 and id = $2
