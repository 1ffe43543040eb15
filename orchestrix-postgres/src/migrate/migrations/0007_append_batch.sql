-- Stores a batch of independent appends, each whole or not at all, in one round trip.
--
-- The batch comes as columns, in the order of its events, and is cut into rounds: within a round no stream and no event
-- id stands in two appends, so a round is decided and stored as a set. Each statement of a volatile function sees what
-- is committed when it begins: versions are read after the locks are held, never with a snapshot older than them.
create function {schema}.append_batch(
    round_ends      integer[],      -- the number of the last event of each round
    expected        bigint[],       -- for each write: see expectation_met
    appends         integer[],      -- for each event: the append it belongs to,
    writes          integer[],      -- the write it belongs to, dense from 1 over the batch,
    places          integer[],      -- and its place in the write, from 1
    tenants         text[],
    streams         text[],
    event_ids       uuid[],
    event_types     text[],
    schema_versions bigint[],
    occurred_ats    timestamptz[],
    metadatas       text[],
    payloads        text[],
    out versions        bigint[],   -- for each write: where its stream stood before it
    out positions       bigint[],   -- of the events that were stored, in order
    out known_events    integer[],  -- numbers of the events whose ids are stored already, with the places of those
    out known_streams   text[],
    out known_versions  bigint[],
    out known_positions bigint[]
)
    language plpgsql volatile
    -- A plan made while the table was small must not scan it when it has grown.
    set enable_seqscan = off
    set plan_cache_mode = force_generic_plan
    set lock_timeout = '10s'
as $$
declare
    first          integer := 1;
    last           integer;
    writes_before  integer := 0;
    round_versions bigint[];
    round_known    integer[];
    conflict       boolean;
    refused        integer[];
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'appends need read committed transactions, this one is %',
            current_setting('transaction_isolation') using errcode = 'invalid_transaction_state';
    end if;
    if current_setting('synchronous_commit') = 'off' then
        perform set_config('synchronous_commit', 'on', true);
    end if;

    perform {schema}.enter_fence();

    -- Everybody locks streams in the same order, so nobody waits in a circle. Equal hashes only wait for each other.
    perform pg_advisory_xact_lock(hashtext('orchestrix streams {schema_name}'), keys.stream_key)
       from (select distinct hashtext(batch.tenant || '/' || batch.stream) as stream_key
               from unnest(tenants, streams) as batch (tenant, stream)
              order by 1) as keys;

    foreach last in array round_ends loop
        select array_agg(event.n::integer + first - 1),
               known_streams   || array_agg(stored.stream),
               known_versions  || array_agg(stored.version),
               known_positions || array_agg(stored.position)
          into round_known, known_streams, known_versions, known_positions
          from unnest(tenants[first:last], event_ids[first:last]) with ordinality as event (tenant, event_id, n)
         cross join lateral (
               select e.stream, e.version, e.position
                 from {schema}.events as e
                where e.tenant = event.tenant and e.event_id = event.event_id
                limit 1) as stored;
        known_events := known_events || round_known;

        select array_agg(coalesce(stored.version, 0) order by event.write),
               bool_or(not {schema}.expectation_met(expected[event.write], coalesce(stored.version, 0)))
          into round_versions, conflict
          from unnest(writes[first:last], places[first:last], tenants[first:last], streams[first:last])
               as event (write, place, tenant, stream)
          left join lateral (
               select e.version
                 from {schema}.events as e
                where e.tenant = event.tenant and e.stream = event.stream
                order by e.version desc
                limit 1) as stored on true
         where event.place = 1;
        versions := versions || round_versions;

        refused := null;
        if conflict or round_known is not null then
            refused := array(
                select appends[known.n] from unnest(round_known) as known (n)
                 union
                select event.append
                  from unnest(appends[first:last], writes[first:last], places[first:last])
                       as event (append, write, place)
                 where event.place = 1
                   and not {schema}.expectation_met(expected[event.write], round_versions[event.write - writes_before]));
        end if;

        with stored as (
            insert into {schema}.events
                   (tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata, payload)
            select event.tenant, event.stream, round_versions[event.write - writes_before] + event.place,
                   event.event_id, event.event_type, event.schema_version, event.occurred_at,
                   event.metadata::json, event.payload::json
              from unnest(appends[first:last], writes[first:last], places[first:last], tenants[first:last],
                          streams[first:last], event_ids[first:last], event_types[first:last],
                          schema_versions[first:last], occurred_ats[first:last], metadatas[first:last],
                          payloads[first:last])
                   with ordinality
                   as event (append, write, place, tenant, stream, event_id, event_type, schema_version, occurred_at,
                             metadata, payload, n)
             where refused is null or event.append <> all (refused)
             order by event.n
            returning events.position)
        select positions || array_agg(stored.position order by stored.position) into positions from stored;

        writes_before := writes_before + cardinality(round_versions);
        first := last + 1;
    end loop;
end
$$
