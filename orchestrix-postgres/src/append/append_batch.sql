select versions, positions,
       known_events, known_streams, known_versions, known_positions,
       archived_writes, archived_versions,
       keyed_appends, keyed_positions, keyed_outcomes,
       unmet_appends, unmet_positions
  from {schema}.append_batch_2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
