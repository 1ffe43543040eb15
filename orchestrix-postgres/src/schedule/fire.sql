update {schema}.schedules
   set fired_at = $4, payload = null, payload_binary = null, metadata = '{}'
 where tenant = $1 and id = $2 and attempts = $3 and fired_at is null
returning 1
