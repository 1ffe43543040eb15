update {schema}.schedules
   set next_attempt = $4, error = $5
 where tenant = $1 and id = $2 and attempts = $3 and fired_at is null
returning 1
