-- The position of an event behind `after` that any of the items takes; null when there is none. For each item the first
-- is found. An item is an object with `types`, any of which an event must have, and `tags`, all of which it must have;
-- what is absent is not asked for. Of several tags, the rows of the one are looked through that has the fewest, as far as
-- they are worth counting.
create function {schema}.first_match(of_tenant text, after bigint, items jsonb) returns bigint
    language plpgsql volatile
    -- The planner knows nothing about the items, and takes the query for a long one.
    set jit = off
as $$
begin
    return (
        select min(found.position)
          from jsonb_to_recordset(items) as item (types text[], tags text[])
          left join lateral (
               select tag.name
                 from unnest(item.tags) as tag (name)
                order by case when cardinality(item.tags) > 1
                              then (select count(*)
                                      from (select
                                              from {schema}.event_tags as counted
                                             where counted.tenant = of_tenant and counted.tag = tag.name
                                               and counted.position > after
                                             limit 200) as few) end
                limit 1) as rarest on true
         cross join lateral (
               (select tagged.position
                  from {schema}.event_tags as tagged
                 where item.tags is not null
                   and tagged.tenant = of_tenant and tagged.tag = rarest.name and tagged.position > after
                   and (item.types is null or tagged.event_type = any (item.types))
                   and (cardinality(item.tags) = 1
                        or (select count(*)
                              from {schema}.event_tags as other
                             where other.tenant = of_tenant and other.tag = any (item.tags)
                               and other.position = tagged.position) = cardinality(item.tags))
                 order by tagged.position
                 limit 1)
               union all
               (select event.position
                  from {schema}.events as event
                 where item.tags is null and event.tenant = of_tenant and event.position > after
                   and (item.types is null or event.event_type = any (item.types))
                 order by event.position
                 limit 1)
               union all
               (select event.position
                  from {schema}.archived_events as event
                 where item.tags is null and event.tenant = of_tenant and event.position > after
                   and (item.types is null or event.event_type = any (item.types))
                 order by event.position
                 limit 1)) as found
    );
end
$$
