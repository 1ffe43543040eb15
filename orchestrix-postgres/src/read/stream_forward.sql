select position, tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata::text, payload::text,
       payload_binary, tags
  from {schema}.events
 where tenant = $1 and stream = $2 and version between $3 and $4
 order by version
 limit $5
