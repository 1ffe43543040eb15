select position, tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata::text, payload::text,
       payload_binary, tags
  from {schema}.events
 where tenant = $1 and event_id = $2
union all
select position, tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata::text, payload::text,
       payload_binary, tags
  from {schema}.archived_events
 where tenant = $1 and event_id = $2
 limit 1
