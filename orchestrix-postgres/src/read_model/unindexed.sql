-- Those of the indexes $2 in which a document of $1 has no place, in their order.
select index.name
  from unnest($2::text[]) with ordinality as index (name, number)
 where exists (select
                 from {schema}.documents as document
                where document.collection = {schema}.current_collection($1)
                  and not exists (select
                                    from {schema}.document_indexes as place
                                   where place.collection = document.collection and place.tenant = document.tenant
                                     and place.key = document.key and place.name = index.name))
 order by index.number
