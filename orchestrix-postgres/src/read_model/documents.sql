-- One look into the index for each key, whatever the planner believes of the table: with `key = any ($3)` it reads all
-- documents of the collection instead, and compares each with every key, until the first statistics tell it how many
-- there are.
select wanted.key, document.body
  from unnest($3::text[]) as wanted (key)
 cross join lateral (
    select body::text
      from {schema}.documents
     where collection = (select {schema}.current_collection($1)) and tenant = $2 and key = wanted.key
     limit 1) as document
