INSERT INTO idempotency_keys (key, tenant, position, streams)
VALUES (?1, ?2, ?3, ?4)
