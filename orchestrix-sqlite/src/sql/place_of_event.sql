SELECT position, stream, version FROM events WHERE event_id = ?1 AND tenant = ?2
UNION ALL
SELECT position, stream, version FROM archived_events WHERE event_id = ?1 AND tenant = ?2
LIMIT 1
