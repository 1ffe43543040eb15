select position, tenant, stream, version, event_id, event_type, attempts, error, parked_at, failed_at, request
  from {schema}.dead_letters
 where subscription = $1
   and ($3::text is null or (tenant = $2 and stream = $3))
   and ($4::bigint is null or position = $4)
   and position > $5
 order by position
 limit $6
