-- At most ?2 streams of a collection, if it was dropped.
DELETE FROM stream_progress
WHERE (collection, tenant, stream) IN (
    SELECT stream_progress.collection, tenant, stream
    FROM stream_progress JOIN dropped_collections ON dropped_collections.collection = stream_progress.collection
    WHERE stream_progress.collection = ?1
    ORDER BY tenant, stream
    LIMIT ?2
)
