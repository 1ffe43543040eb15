UPDATE dead_letters SET request = ?5
WHERE subscription = ?1 AND (?3 IS NULL OR (tenant = ?2 AND stream = ?3)) AND (?4 IS NULL OR position = ?4)
