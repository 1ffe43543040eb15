-- Forgets node $1, and ends its leases.
with gone as (
    delete from {schema}.nodes where node = $1)
update {schema}.leases
   set node = null
 where node = $1
