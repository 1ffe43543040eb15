SELECT position, version, event_id, event_type, schema_version, occurred_at, metadata, payload, tags, tenant, stream
FROM events
WHERE position = ?1
