-- Moves the checkpoint of $1 from $2 to $3 and, if it was there, writes the documents: those whose body is null are
-- deleted. Returns a row if the checkpoint was there, and of build $10, and the lease $8, if one is named, holds with token
-- $9 and stays so meanwhile, and the build $12 of $11, if one is named, is under way, and stays so too. Documents are written in the order of
-- their keys, so that two writers never wait for each other in a circle.
with fence as (
    select
      from {schema}.leases
     where name = $8 and token = $9 and node is not null and expires_at > clock_timestamp()
       for share),
under_way as (
    select
      from {schema}.rebuilds
     where read_model = $11 and build = $12
       for share),
moved as (
    insert into {schema}.checkpoints as checkpoint (subscription, position)
    select $1, $3
     where ($2 = 0 and $10 = 0 or exists (select from {schema}.checkpoints where subscription = $1))
       and ($8::text is null or exists (select from fence))
       and ($11::text is null or exists (select from under_way))
        on conflict (subscription) do update
       set position = excluded.position
     where checkpoint.position = $2 and checkpoint.build = $10
    returning 1),
target as (
    select case
               when $4 <> $1 then {schema}.current_collection($4)
               when $10 = 0 then $4
               else $4 || '~' || $10
           end as collection),
write as (
    select tenant, key, body
      from unnest($5::text[], $6::text[], $7::text[]) as write (tenant, key, body)),
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
