INSERT INTO document_indexes (collection, tenant, key, name, value)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (collection, tenant, key, name) DO UPDATE SET value = excluded.value
WHERE value <> excluded.value
