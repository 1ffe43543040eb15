DELETE FROM checkpoints
WHERE substr(subscription, 1, length(?1) + 1) = ?1 || '#'
