-- Moves a checkpoint from $2 to $3; returns a row if it was there. One that was never saved is at 0.
insert into {schema}.checkpoints as checkpoint (subscription, position)
select $1, $3
 where $2 = 0 or exists (select from {schema}.checkpoints where subscription = $1)
    on conflict (subscription) do update
   set position = excluded.position
 where checkpoint.position = $2
returning 1
