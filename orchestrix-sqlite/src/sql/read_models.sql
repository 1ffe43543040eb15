SELECT subscription
FROM checkpoints
WHERE substr(subscription, 1, length(?1)) = ?1 AND position > 0
ORDER BY subscription
