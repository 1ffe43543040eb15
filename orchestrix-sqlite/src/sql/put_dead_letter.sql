INSERT INTO dead_letters (subscription, position, tenant, stream, version, event_id, event_type, attempts, error,
    parked_at, failed_at, request)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (subscription, position) DO UPDATE SET attempts = excluded.attempts, error = excluded.error,
    failed_at = excluded.failed_at, request = excluded.request
