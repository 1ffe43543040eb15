-- Who holds the fence below $1. Prepared transactions have no process; their locks share the virtual transaction of the
-- lock on their transaction id.
select distinct fence.pid, activity.application_name, prepared.gid
  from pg_locks as fence
  left join pg_stat_activity as activity on activity.pid = fence.pid
  left join pg_locks as own
         on fence.pid is null and own.pid is null
        and own.locktype = 'transactionid' and own.virtualtransaction = fence.virtualtransaction
  left join pg_prepared_xacts as prepared on prepared.transaction = own.transactionid
 where fence.locktype = 'advisory'
   and fence.database = (select oid from pg_database where datname = current_database())
   and fence.objsubid = 1
   and fence.mode = 'ShareLock'
   and fence.granted
   and fence.classid::bigint >> 16 = {schema}.fence_tag()
   and ((fence.classid::bigint & 65535) << 32) | fence.objid::bigint < $1
