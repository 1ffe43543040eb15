-- Moves a checkpoint from $2 to $3; returns a row if it was there, and the lease $4, if one is named, holds with token $5, and it is
-- of build $6.
-- One that was never saved is at 0.
insert into {schema}.checkpoints as checkpoint (subscription, position)
select $1, $3
 where ($2 = 0 and $6 = 0 or exists (select from {schema}.checkpoints where subscription = $1))
   and ($4::text is null
        or exists (select
                     from {schema}.leases
                    where name = $4 and token = $5 and node is not null and expires_at > clock_timestamp()))
    on conflict (subscription) do update
   set position = excluded.position
 where checkpoint.position = $2 and checkpoint.build = $6
returning 1
