SELECT position, version, event_id, event_type, schema_version, occurred_at, metadata, payload, tags
FROM events
WHERE stream = ?1 AND tenant = ?2 AND version BETWEEN ?3 AND ?4
ORDER BY version
LIMIT ?5
