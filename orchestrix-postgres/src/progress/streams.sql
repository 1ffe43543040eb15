-- How far the streams of $2 and $3 are folded into the documents of $1, in their order.
select coalesce(progress.version, 0)
  from unnest($2::text[], $3::text[]) with ordinality as wanted (tenant, stream, number)
  left join lateral (
    select version
      from {schema}.stream_progress
     where collection = (select {schema}.current_collection($1)) and tenant = wanted.tenant and stream = wanted.stream
     limit 1) as progress on true
 order by wanted.number
