select position, outcome::text
  from {schema}.idempotency_keys
 where tenant = $1 and key = $2
