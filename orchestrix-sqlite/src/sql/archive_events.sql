INSERT INTO archived_events (
    position, tenant, stream, category, version, event_id, event_type, schema_version, occurred_at, tags, metadata,
    payload
)
SELECT position, tenant, stream, category, version, event_id, event_type, schema_version, occurred_at, tags, metadata,
    payload
FROM events
WHERE stream = ?1 AND tenant = ?2
