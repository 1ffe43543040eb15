-- Moves the checkpoint $1 of subscription $7 from $2 to $3; returns a row if it was there, and the lease $4, if one is named,
-- holds with token $5, and the subscription is of build $6. One that was never saved is at 0.
--
-- The build of a lane is that of its subscription's own row, which is there from the first move of a lane on, and which who
-- moves a lane holds: who resets the subscription changes it, and takes the lanes away.
with made as (
    insert into {schema}.checkpoints (subscription, position)
    select $7::text, 0
     where $7 <> $1 and $6 = 0 and not exists (select from {schema}.checkpoints where subscription = $7)
        on conflict (subscription) do nothing
    returning 1),
whole as (
    select
      from {schema}.checkpoints
     where subscription = $7 and $7 <> $1 and build = $6
       for share)
insert into {schema}.checkpoints as checkpoint (subscription, position)
select $1, $3
 where ($2 = 0 and ($6 = 0 or $7 <> $1) or exists (select from {schema}.checkpoints where subscription = $1))
   and ($4::text is null
        or exists (select
                     from {schema}.leases
                    where name = $4 and token = $5 and node is not null and expires_at > clock_timestamp()))
   and ($7 = $1 or exists (select from made) or exists (select from whole))
    on conflict (subscription) do update
   set position = excluded.position
 where checkpoint.position = $2 and (checkpoint.build = $6 or $7 <> $1)
returning 1
