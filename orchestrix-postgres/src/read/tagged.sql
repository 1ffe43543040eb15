-- As all.sql, where each item has tags: found by the rows of the tag that has the fewest, as far as they are
-- worth counting, in one tenant, or in one after the other.
with recursive of_tenant (name) as (
    select coalesce($5::text, (select min(tenant) from {schema}.event_tags))
    union all
    select (select min(later.tenant) from {schema}.event_tags as later where later.tenant > of_tenant.name)
      from of_tenant
     where $5 is null and of_tenant.name is not null),
found as materialized (
    select distinct tagged.position
      from of_tenant
     cross join jsonb_to_recordset($8::jsonb) as item (types text[], tags text[])
     cross join lateral (
           select tag.name
             from unnest(item.tags) as tag (name)
            order by case when cardinality(item.tags) > 1
                          then (select count(*)
                                  from (select
                                          from {schema}.event_tags as counted
                                         where counted.tenant = of_tenant.name and counted.tag = tag.name
                                           and counted.position > $1 and counted.position <= $2
                                         limit 200) as few) end
            limit 1) as rarest
     cross join lateral (
           select t.position
             from {schema}.event_tags as t
            where t.tenant = of_tenant.name and t.tag = rarest.name and t.position > $1 and t.position <= $2
              and ($3::text[] is null or t.event_type = any ($3))
              and (item.types is null or t.event_type = any (item.types))
              and (cardinality(item.tags) = 1
                   or (select count(*)
                         from {schema}.event_tags as other
                        where other.tenant = of_tenant.name and other.tag = any (item.tags)
                          and other.position = t.position) = cardinality(item.tags))
              and ($4::text[] is null and $6::timestamptz is null and $7::timestamptz is null
                   or exists (select
                                from (select stream, occurred_at from {schema}.events where position = t.position
                                      union all
                                      select stream, occurred_at from {schema}.archived_events where position = t.position)
                                     as event
                               where ($4 is null or split_part(event.stream, '-', 1) = any ($4))
                                 and ($6 is null or event.occurred_at >= $6)
                                 and ($7 is null or event.occurred_at < $7)))
            order by t.position
            limit $9) as tagged
     order by tagged.position
     limit $9)
select event.position, event.tenant, event.stream, event.version, event.event_id, event.event_type, event.schema_version,
       event.occurred_at, event.metadata::text, event.payload::text, event.payload_binary, event.tags
  from found
 cross join lateral (
       select position, tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata, payload,
              payload_binary, tags
         from {schema}.events
        where position = found.position
       union all
       select position, tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata, payload,
              payload_binary, tags
         from {schema}.archived_events
        where position = found.position) as event
 order by found.position
