SELECT name, node, token, expires_at
FROM leases
WHERE node IS NOT NULL AND expires_at > ?1
ORDER BY name
