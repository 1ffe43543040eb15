INSERT INTO documents (collection, tenant, key, body)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (collection, tenant, key) DO UPDATE SET body = excluded.body
