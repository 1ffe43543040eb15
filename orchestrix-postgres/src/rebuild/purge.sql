-- Deletes at most $2 documents of the collection $1, with their places in indexes, if it was dropped, and once there are no
-- more of these as many of its streams' progress; returns how many. It is forgotten by the first who finds none: another may
-- be deleting the same ones.
with purged as (
    delete from {schema}.documents as document
     where ctid = any (array(
               select ctid
                 from {schema}.documents
                where collection = $1
                  and exists (select from {schema}.dropped_collections as dropped where dropped.collection = $1)
                limit $2))
       and document.collection = $1
    returning tenant, key),
unindexed as (
    delete from {schema}.document_indexes as index
     using purged
     where index.collection = $1 and index.tenant = purged.tenant and index.key = purged.key),
unfollowed as (
    delete from {schema}.stream_progress as progress
     where ctid = any (array(
               select ctid
                 from {schema}.stream_progress
                where collection = $1
                  and exists (select from {schema}.dropped_collections as dropped where dropped.collection = $1)
                  and not exists (select from {schema}.documents where collection = $1)
                limit $2))
       and progress.collection = $1
    returning 1),
forgotten as (
    delete from {schema}.dropped_collections
     where collection = $1
       and not exists (select from {schema}.documents where collection = $1)
       and not exists (select from {schema}.stream_progress where collection = $1))
select (select count(*) from purged) + (select count(*) from unfollowed)
