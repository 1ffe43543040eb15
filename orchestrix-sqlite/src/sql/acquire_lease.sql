INSERT INTO leases (name, node, token, expires_at)
VALUES (?1, ?2, 1, ?3)
ON CONFLICT (name) DO UPDATE SET node = excluded.node, token = token + 1, expires_at = excluded.expires_at
WHERE node IS NULL OR expires_at <= ?4
RETURNING token
