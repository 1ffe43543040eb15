INSERT INTO documents (collection, tenant, key, body)
VALUES (?1, ?2, ?3, ?4)
