-- Says that node $1 lives and wants the leases $2, and renews those that it holds, for $3 microseconds. Returns all nodes
-- and leases whose time has not ended: what is written here is not seen by reads beside it, so it is returned by itself. Leases
-- are locked in the order of their names, as by acquire.sql, so that two nodes never wait for each other in a circle.
with now as materialized (select clock_timestamp() as at),
forgotten as (
    delete from {schema}.nodes
     where node in (select node from {schema}.nodes, now where expires_at <= now.at and node <> $1 for update of nodes skip locked)),
announced as (
    insert into {schema}.nodes as node (node, wants, beats, expires_at)
    select $1, $2, 1, now.at + $3 * interval '1 microsecond' from now
        on conflict (node) do update
       set wants = excluded.wants,
           beats = node.beats + 1,
           expires_at = excluded.expires_at
    returning node, wants, beats),
mine as materialized (
    select name
      from {schema}.leases
     where node = $1
     order by name
       for update),
renewed as (
    update {schema}.leases as lease
       set expires_at = now.at + $3 * interval '1 microsecond'
      from now, mine
     where lease.name = mine.name and lease.node = $1 and lease.expires_at > now.at
    returning lease.name, lease.node, lease.token),
seen as (
    select node, wants, beats, null::text as lease, null::bigint as expires_in
      from announced
     union all
    select node, wants, beats, null, null
      from {schema}.nodes, now
     where node <> $1 and expires_at > now.at
     union all
    select node, null, token, name, $3
      from renewed
     union all
    select node, null, token, name, (extract(epoch from expires_at - now.at) * 1000000)::bigint
      from {schema}.leases, now
     where node <> $1 and expires_at > now.at)
select node, wants, beats, lease, expires_in
  from seen
 order by lease collate "C", node collate "C"
