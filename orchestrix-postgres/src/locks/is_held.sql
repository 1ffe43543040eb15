-- Whether this session has the lock. A 64-bit key shows as two halves, with objsubid 1.
select exists (
    select from pg_locks
     where pid = pg_backend_pid()
       and locktype = 'advisory'
       and objsubid = 1
       and classid::bigint = ($1 >> 32) & 4294967295
       and objid::bigint = $1 & 4294967295
       and granted)
