-- The first of each stream, if it was requested or never tried.
select position, tenant, stream, version, event_id, event_type, attempts, error, parked_at, failed_at, request
  from {schema}.dead_letters as letter
 where subscription = $1
   and (request is not null or attempts = 0)
   and not exists (
       select from {schema}.dead_letters as earlier
        where earlier.subscription = $1 and earlier.tenant = letter.tenant and earlier.stream = letter.stream
          and earlier.position < letter.position)
 order by position
 limit $2
