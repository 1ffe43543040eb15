-- A filter that is null wants everything. The category is what stands before the first hyphen.
select position, tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata::text, payload::text
  from {schema}.events
 where position > $1 and position <= $2
   and ($3::text[] is null or event_type = any ($3))
   and ($4::text[] is null or split_part(stream, '-', 1) = any ($4))
   and ($5::text is null or tenant = $5)
 order by position
 limit $6
