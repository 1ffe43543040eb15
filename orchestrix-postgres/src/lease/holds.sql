select 1
  from {schema}.leases
 where name = $1 and token = $2 and node is not null and expires_at > clock_timestamp()
