SELECT position, version, event_id, event_type, schema_version, occurred_at, metadata, payload, tags, tenant, stream
FROM events
WHERE event_id = ?1 AND tenant = ?2
ORDER BY position
LIMIT 1
