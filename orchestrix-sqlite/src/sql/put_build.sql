INSERT INTO checkpoints (subscription, position, build)
VALUES (?1, ?2, ?3)
ON CONFLICT (subscription) DO UPDATE SET position = excluded.position, build = excluded.build
