select read_model, rebuild.build, coalesce(position, 0)
  from {schema}.rebuilds as rebuild
  left join {schema}.checkpoints on subscription = read_model || '~' || rebuild.build
 union all
select collection, null, null
  from {schema}.dropped_collections
 order by 1
