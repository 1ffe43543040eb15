-- Sets a subscription back, or on, to a position, and says how often it was reset by now: that is where read models have their
-- builds. Does nothing to one that is not there and is to be at the start.
create function {schema}.reset_checkpoints(name text, at bigint) returns bigint language plpgsql as $$
declare
    resets bigint;
begin
    -- In the order in which consumers lock.
    perform from {schema}.dead_letters where subscription = name order by position for update;
    if at = 0
       and not exists (select
                         from {schema}.checkpoints
                        where subscription = name or starts_with(subscription, name || '#'))
       and not exists (select from {schema}.dead_letters where subscription = name) then
        return 0;
    end if;
    insert into {schema}.checkpoints as checkpoint (subscription, position, build)
    values (name, at, 1)
        on conflict (subscription) do update
       set position = excluded.position, build = checkpoint.build + 1
    returning build into resets;
    -- Who moves a lane, or keeps a dead letter, holds that row: nobody does now, and what they did is seen.
    delete from {schema}.checkpoints where starts_with(subscription, name || '#');
    delete from {schema}.dead_letters where subscription = name;
    return resets;
end
$$
