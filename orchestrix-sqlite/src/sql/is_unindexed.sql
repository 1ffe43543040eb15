SELECT 1
FROM documents
WHERE collection = ?1
  AND NOT EXISTS (
      SELECT 1
      FROM document_indexes AS place
      WHERE place.collection = documents.collection
        AND place.tenant = documents.tenant
        AND place.key = documents.key
        AND place.name = ?2
  )
LIMIT 1
