-- Moves the checkpoint $22 of $1 from $2 to $3, settles the dead letters at $4, keeps those of $5 to $14 and $19, and writes the
-- documents of $15 to $18, as read_model/commit.sql does: all of it or nothing. Returns a row if it was done: the checkpoint was
-- there, and of build $23, and the lease $20, if one is named, holds with token $21, and the build $25 of $24, if one is named,
-- is under way, and stays so meanwhile. The letters are locked before anything else: who settles one that another settles
-- meanwhile finds it gone. Of lanes, see checkpoint/save.sql.
with fence as (
    select
      from {schema}.leases
     where name = $20 and token = $21 and node is not null and expires_at > clock_timestamp()
       for share),
settled as (
    select position
      from {schema}.dead_letters
     where subscription = $1 and position = any ($4::bigint[])
       for update),
under_way as (
    select
      from {schema}.rebuilds
     where read_model = $24 and build = $25
       and (select count(*) from settled) = cardinality($4::bigint[])
       for share),
made as (
    insert into {schema}.checkpoints (subscription, position)
    select $1, 0
     where $1 <> $22 and $23 = 0 and not exists (select from {schema}.checkpoints where subscription = $1)
        on conflict (subscription) do nothing
    returning 1),
whole as (
    select
      from {schema}.checkpoints
     where subscription = $1 and $1 <> $22 and build = $23
       and (select count(*) from settled) = cardinality($4::bigint[])
       for share),
moved as (
    insert into {schema}.checkpoints as checkpoint (subscription, position)
    select $22, $3
     where ($2 = 0 and ($23 = 0 or $1 <> $22) or exists (select from {schema}.checkpoints where subscription = $22))
       and ($1 = $22 or exists (select from made) or exists (select from whole))
       and ($20::text is null or exists (select from fence))
       and ($24::text is null or exists (select from under_way))
       and (select count(*) from settled) = cardinality($4::bigint[])
        on conflict (subscription) do update
       set position = excluded.position
     where checkpoint.position = $2 and (checkpoint.build = $23 or $1 <> $22)
    returning 1),
target as (
    select case
               when $15 <> $22 then {schema}.current_collection($15)
               when $23 = 0 then $15
               else $15 || '~' || $23
           end as collection),
gone as (
    delete from {schema}.dead_letters
     where subscription = $1 and position = any ($4::bigint[]) and exists (select from moved)),
kept as (
    insert into {schema}.dead_letters (
        subscription, position, tenant, stream, version, event_id, event_type, attempts, error, parked_at, failed_at,
        request)
    select $1, letter.*
      from unnest($5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::uuid[], $10::text[], $11::bigint[], $12::text[],
                  $13::timestamptz[], $14::timestamptz[], $19::text[]) as letter
     where exists (select from moved)
        on conflict (subscription, position) do update
       set attempts = excluded.attempts,
           error = excluded.error,
           failed_at = excluded.failed_at,
           request = excluded.request),
write as (
    select tenant, key, body
      from unnest($16::text[], $17::text[], $18::text[]) as write (tenant, key, body)),
written as (
    insert into {schema}.documents (collection, tenant, key, body)
    select target.collection, write.tenant, write.key, write.body::json
      from write, target
     where write.body is not null and exists (select from moved)
     order by write.tenant collate "C", write.key collate "C"
        on conflict (collection, tenant, key) do update
       set body = excluded.body),
deleted as (
    delete from {schema}.documents as document
     using write, target
     where document.collection = target.collection and document.tenant = write.tenant and document.key = write.key
       and write.body is null and exists (select from moved))
select 1 from moved
