-- The position above which all positions lie that transactions under way have drawn or can still draw; nothing when
-- there are none. A 64-bit advisory lock shows as two halves of its key, with objsubid 1.
select min(((classid::bigint & 65535) << 32) | objid::bigint)
  from pg_locks
 where locktype = 'advisory'
   and database = (select oid from pg_database where datname = current_database())
   and objsubid = 1
   and mode = 'ShareLock'
   and granted
   and classid::bigint >> 16 = {schema}.fence_tag()
