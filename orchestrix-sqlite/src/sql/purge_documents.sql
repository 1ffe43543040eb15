-- At most ?2 documents of a collection, if it was dropped.
DELETE FROM documents
WHERE (collection, tenant, key) IN (
    SELECT documents.collection, tenant, key
    FROM documents JOIN dropped_collections ON dropped_collections.collection = documents.collection
    WHERE documents.collection = ?1
    ORDER BY tenant, key
    LIMIT ?2
)
