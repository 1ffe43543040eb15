-- A filter that is null wants everything. The category is what stands before the first hyphen; items are as first_match
-- takes them.
with item as materialized (
    select wanted.types, wanted.tags from jsonb_to_recordset($8::jsonb) as wanted (types text[], tags text[]))
select position, tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata::text, payload::text,
       payload_binary, tags
  from (select position, tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata, payload,
               payload_binary, tags
          from {schema}.events
        union all
        select position, tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata, payload,
               payload_binary, tags
          from {schema}.archived_events) as log
 where position > $1 and position <= $2
   and ($3::text[] is null or event_type = any ($3))
   and ($4::text[] is null or split_part(stream, '-', 1) = any ($4))
   and ($5::text is null or tenant = $5)
   and ($6::timestamptz is null or occurred_at >= $6)
   and ($7::timestamptz is null or occurred_at < $7)
   and ($8 is null or exists (select from item
                               where (item.types is null or log.event_type = any (item.types))
                                 and (item.tags is null or log.tags @> item.tags)))
 order by position
 limit $9
