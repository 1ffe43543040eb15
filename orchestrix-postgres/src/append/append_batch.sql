select versions, positions, known_events, known_streams, known_versions, known_positions
  from {schema}.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
