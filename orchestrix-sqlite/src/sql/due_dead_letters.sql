-- The first of each stream, if it was requested or never tried.
SELECT position, tenant, stream, version, event_id, event_type, attempts, error, parked_at, failed_at, request
FROM dead_letters AS letter
WHERE subscription = ?1 AND (request IS NOT NULL OR attempts = 0)
    AND NOT EXISTS (
        SELECT 1 FROM dead_letters AS earlier
        WHERE earlier.subscription = ?1 AND earlier.stream = letter.stream AND earlier.tenant = letter.tenant
            AND earlier.position < letter.position)
ORDER BY position
LIMIT ?2
