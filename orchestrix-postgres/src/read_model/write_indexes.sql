,
place as (
    select tenant, key, name, value
      from unnest({tenants}::text[], {keys}::text[], {names}::text[], {values}::bytea[]) as place (tenant, key, name, value)),
placed as (
    insert into {schema}.document_indexes as index (collection, tenant, key, name, value)
    select target.collection, place.tenant, place.key, place.name, place.value
      from place, target
     where exists (select from moved)
     order by place.tenant collate "C", place.key collate "C", place.name collate "C"
        on conflict (collection, tenant, key, name) do update
       set value = excluded.value
     where index.value <> excluded.value),
left_behind as (
    delete from {schema}.document_indexes as index
     using write, target
     where index.collection = target.collection and index.tenant = write.tenant and index.key = write.key
       and (write.body is null or index.name <> all ({indexes}::text[])) and exists (select from moved))
