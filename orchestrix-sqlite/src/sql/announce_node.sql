INSERT INTO nodes (node, wants, beats, expires_at)
VALUES (?1, ?2, 1, ?3)
ON CONFLICT (node) DO UPDATE SET wants = excluded.wants, beats = beats + 1, expires_at = excluded.expires_at
