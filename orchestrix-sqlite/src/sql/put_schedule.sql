INSERT INTO schedules (tenant, id, due, next_attempt, kind, name, payload, metadata, attempts, error)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT DO NOTHING
