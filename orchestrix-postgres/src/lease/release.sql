-- Node $1 gives back the leases $2, those that it holds, which are locked in the order of their names, as by acquire.sql.
with mine as materialized (
    select name
      from {schema}.leases
     where node = $1 and name = any ($2)
     order by name
       for update)
update {schema}.leases as lease
   set node = null
  from mine
 where lease.name = mine.name and lease.node = $1
