-- Where the stream $3 of tenant $2 is in the builds of the read model $1, with its document, whose key is $4: the build that
-- is read first, then the one that is under way, if there is one.
select build.number, coalesce(progress.version, 0), document.body
  from (select coalesce((select checkpoint.build from {schema}.checkpoints as checkpoint where checkpoint.subscription = $1), 0) as number,
               false as under_way
         union all
        select rebuild.build, true from {schema}.rebuilds as rebuild where rebuild.read_model = $1) as build
 cross join lateral (select case build.number when 0 then $1 else $1 || '~' || build.number end as name) as collection
  left join lateral (
    select version
      from {schema}.stream_progress
     where collection = collection.name and tenant = $2 and stream = $3
     limit 1) as progress on true
  left join lateral (
    select body::text as body
      from {schema}.documents
     where collection = collection.name and tenant = $2 and key = $4
     limit 1) as document on true
 order by build.under_way
