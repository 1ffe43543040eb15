SELECT position, version, event_id, event_type, schema_version, occurred_at, metadata, payload, tenant, stream
FROM events NOT INDEXED
WHERE position > ?1 AND position <= ?2 {filter}
ORDER BY position
LIMIT ?3
