SELECT position, version, event_id, event_type, schema_version, occurred_at, metadata, payload, tags, tenant, stream
FROM events NOT INDEXED
WHERE position > ?1 AND position <= ?2 {more}
ORDER BY position
