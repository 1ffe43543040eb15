-- For processes of the version before, which go on writing while others have migrated: what they append respects the
-- locks and the archive, too. They know no outcome for an archived stream, so they get an error.
create or replace function {schema}.append_batch(
    round_ends      integer[],
    expected        bigint[],
    appends         integer[],
    writes          integer[],
    places          integer[],
    tenants         text[],
    streams         text[],
    event_ids       uuid[],
    event_types     text[],
    schema_versions bigint[],
    occurred_ats    timestamptz[],
    metadatas       text[],
    payloads        text[],
    out versions        bigint[],
    out positions       bigint[],
    out known_events    integer[],
    out known_streams   text[],
    out known_versions  bigint[],
    out known_positions bigint[]
)
    language plpgsql volatile
as $$
declare
    archived integer[];
begin
    select batch.versions, batch.positions, batch.known_events, batch.known_streams, batch.known_versions,
           batch.known_positions, batch.archived_writes
      into versions, positions, known_events, known_streams, known_versions, known_positions, archived
      from {schema}.append_batch_2(
               round_ends, expected, appends, writes, places, tenants, streams, event_ids, event_types,
               schema_versions, occurred_ats, metadatas, payloads, null, null, null, null, false) as batch;
    if archived is not null then
        raise exception 'a stream was archived, and takes no more events'
            using errcode = 'object_not_in_prerequisite_state';
    end if;
end
$$
