SELECT position, tenant, stream, version, event_id, event_type, attempts, error, parked_at, failed_at, request
FROM dead_letters
WHERE subscription = ?1 AND (?3 IS NULL OR (tenant = ?2 AND stream = ?3)) AND (?4 IS NULL OR position = ?4)
    AND position > ?5
ORDER BY position
LIMIT ?6
