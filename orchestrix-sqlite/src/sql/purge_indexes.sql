-- The places in indexes of those documents that purge_documents.sql deletes next.
DELETE FROM document_indexes
WHERE (collection, tenant, key) IN (
    SELECT documents.collection, tenant, key
    FROM documents JOIN dropped_collections ON dropped_collections.collection = documents.collection
    WHERE documents.collection = ?1
    ORDER BY tenant, key
    LIMIT ?2
)
