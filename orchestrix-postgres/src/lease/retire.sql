-- Forgets node $1, and ends its leases, which are locked in the order of their names, as by acquire.sql.
with gone as (
    delete from {schema}.nodes where node = $1),
mine as materialized (
    select name
      from {schema}.leases
     where node = $1
     order by name
       for update)
update {schema}.leases as lease
   set node = null
  from mine
 where lease.name = mine.name and lease.node = $1
