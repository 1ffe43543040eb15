insert into {schema}.schedules
       (tenant, id, due, next_attempt, kind, name, payload, payload_binary, metadata, attempts, error)
values ($1, $2, $3, $4, $5, $6, $7::json, $8, $9::json, $10, $11)
    on conflict do nothing
returning 1
