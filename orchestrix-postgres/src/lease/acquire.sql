-- Takes those of the leases $2 that nobody holds, for node $1 and $3 microseconds; returns them. In the order of their
-- names, so that two nodes never wait for each other in a circle; a name that stands twice is one.
insert into {schema}.leases as lease (name, node, token, expires_at)
select name, $1, 1, clock_timestamp() + $3 * interval '1 microsecond'
  from (select distinct name collate "C" from unnest($2::text[]) as name) as wanted (name)
 order by name collate "C"
    on conflict (name) do update
   set node = excluded.node,
       token = lease.token + 1,
       expires_at = excluded.expires_at
 where lease.node is null or lease.expires_at <= clock_timestamp()
returning lease.name, lease.token
