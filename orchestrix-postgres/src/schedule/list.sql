select tenant, id, due, next_attempt, kind, name, payload::text, payload_binary, metadata::text, attempts, error
  from {schema}.schedules
 where tenant = $1 and id > $2 and fired_at is null
 order by id
 limit $3
