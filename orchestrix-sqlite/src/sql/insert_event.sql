INSERT INTO events (
    tenant, stream, category, version, event_id, event_type, schema_version, occurred_at, metadata, payload, tags
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
