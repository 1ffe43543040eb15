INSERT INTO stream_progress (collection, tenant, stream, version)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (collection, tenant, stream) DO UPDATE SET version = excluded.version
