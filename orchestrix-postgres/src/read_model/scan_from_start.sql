select key, body::text
  from {schema}.documents
 where collection = (select {schema}.current_collection($1)) and tenant = $2
 order by key
 limit $3
