-- Stores a batch of independent appends, each whole or not at all, in one round trip.
--
-- The batch comes as columns, in the order of its events, and is cut into rounds: within a round no stream, no event id
-- and no idempotency key stands in two appends, and no condition can be met by the events of an earlier append, so a
-- round is decided and stored as a set. Each statement of a volatile function sees what is committed when it begins:
-- whatever a decision depends on is read after the locks are held, never with a snapshot older than them.
--
-- What excludes whom: writers of one stream each other; the requests of one key each other; and who checks a condition
-- those who write what it asks for. The checker holds the lock of the first tag of each item, the writer shares the
-- locks of all tags of its events, so whatever an item takes was written under a lock that the checker holds. For an
-- item without tags, and for more tags than there should be locks, it is the tenant's lock, which all writers share.
create function {schema}.append_batch_2(
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
    payloads        text[],         -- JSON; null where there is a binary payload
    binaries        bytea[],        -- binary payloads; null as a whole where there is none
    tag_lists       text[],         -- separated by U+001F; null where there is none, also as a whole
    keys            text[],         -- the append's idempotency key at its first event; null as tag_lists
    conditions      text[],         -- the append's condition at its first event, as JSON; null as tag_lists
    tenant_wide     boolean,        -- whether to lock tenants instead of tags
    out versions          bigint[],   -- for each write: where its stream stood before it
    out positions         bigint[],   -- of the events that were stored, in order
    out known_events      integer[],  -- numbers of the events whose ids are stored already, with the places of those
    out known_streams     text[],
    out known_versions    bigint[],
    out known_positions   bigint[],
    out archived_writes   integer[],  -- writes to archived streams, with the last versions of those
    out archived_versions bigint[],
    out keyed_appends     integer[],  -- appends whose keys are known, with the first outcomes
    out keyed_positions   bigint[],
    out keyed_outcomes    text[],
    out unmet_appends     integer[],  -- appends whose conditions do not hold, each with the position of an event
    out unmet_positions   bigint[]
)
    language plpgsql volatile
    -- A plan made while the table was small must not scan it when it has grown.
    set enable_seqscan = off
    set plan_cache_mode = force_generic_plan
    set lock_timeout = '10s'
as $$
declare
    is_plain        boolean := tag_lists is null and keys is null and conditions is null
                               and not tenant_wide;
    first           integer := 1;
    last            integer;
    writes_before   integer := 0;
    round_versions  bigint[];
    round_positions bigint[];
    round_known     integer[];
    round_archived  integer[];
    round_keyed     integer[];
    round_unmet     integer[];
    conflict        boolean;
    refused         integer[];
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'appends need read committed transactions, this one is %',
            current_setting('transaction_isolation') using errcode = 'invalid_transaction_state';
    end if;
    if current_setting('synchronous_commit') = 'off' then
        perform set_config('synchronous_commit', 'on', true);
    end if;

    perform {schema}.enter_fence();

    -- Everybody takes all locks in the same order, each once and as strong as it is needed, so nobody waits in a circle.
    -- Equal hashes only wait for each other. What most appends need, they get with less ado: there, one lock is never
    -- wanted in two strengths, and taking it again costs less than finding out that it was taken.
    if is_plain then
        perform case when needed.exclusive then pg_advisory_xact_lock(needed.space, needed.key)
                     else pg_advisory_xact_lock_shared(needed.space, needed.key) end
           from (select hashtext('orchestrix streams {schema_name}') as space,
                        hashtext(batch.tenant || '/' || batch.stream) as key,
                        true as exclusive
                   from unnest(tenants, streams) as batch (tenant, stream)
                  union all
                 select hashtext('orchestrix tenants {schema_name}'), hashtext(batch.tenant), false
                   from unnest(tenants) as batch (tenant)
                  order by 1, 2) as needed;
    else
        perform case when needed.exclusive then pg_advisory_xact_lock(needed.space, needed.key)
                     else pg_advisory_xact_lock_shared(needed.space, needed.key) end
           from (select wanted.space, wanted.key, bool_or(wanted.exclusive) as exclusive
                   from (select hashtext('orchestrix streams {schema_name}') as space,
                                hashtext(batch.tenant || '/' || batch.stream) as key,
                                true as exclusive
                           from unnest(tenants, streams) as batch (tenant, stream)
                         union all
                         select hashtext('orchestrix tenants {schema_name}'), hashtext(batch.tenant), tenant_wide
                           from unnest(tenants) as batch (tenant)
                         union all
                         select hashtext('orchestrix tags {schema_name}'), hashtext(batch.tenant || '/' || event.tag), false
                           from unnest(tenants, tag_lists) as batch (tenant, tag_list)
                          cross join lateral string_to_table(batch.tag_list, E'\x1f') as event (tag)
                          where tag_lists is not null and not tenant_wide
                         union all
                         select hashtext('orchestrix keys {schema_name}'), hashtext(batch.tenant || '/' || batch.key), true
                           from unnest(tenants, keys) as batch (tenant, key)
                          where keys is not null and batch.key is not null
                         union all
                         select case when item.tags is null then hashtext('orchestrix tenants {schema_name}')
                                     else hashtext('orchestrix tags {schema_name}') end,
                                hashtext(batch.tenant || coalesce('/' || item.tags[1], '')),
                                true
                           from unnest(tenants, conditions) as batch (tenant, condition)
                          cross join lateral jsonb_to_recordset(batch.condition::jsonb -> 'items') as item (tags text[])
                          where conditions is not null and not tenant_wide) as wanted
                  group by wanted.space, wanted.key
                  order by wanted.space, wanted.key) as needed;
    end if;

    foreach last in array round_ends loop
        select array_agg(coalesce(stored.version, 0) order by event.write),
               bool_or(archived.version is not null
                       or not {schema}.expectation_met(expected[event.write], coalesce(stored.version, 0))),
               array_agg(event.write order by event.write) filter (where archived.version is not null),
               archived_versions
               || array_agg(archived.version order by event.write) filter (where archived.version is not null)
          into round_versions, conflict, round_archived, archived_versions
          from unnest(writes[first:last], places[first:last], tenants[first:last], streams[first:last])
               as event (write, place, tenant, stream)
          left join lateral (
               select e.version
                 from {schema}.events as e
                where e.tenant = event.tenant and e.stream = event.stream
                order by e.version desc
                limit 1) as stored on true
          left join lateral (
               select a.version
                 from {schema}.archived_streams as a
                where stored.version is null and a.tenant = event.tenant and a.stream = event.stream
                limit 1) as archived on true
         where event.place = 1;
        versions := versions || round_versions;
        archived_writes := archived_writes || round_archived;

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

        -- The events of an append to an archived stream may have been stored before that was archived.
        if round_archived is not null then
            select known_events    || array_agg(event.n::integer + first - 1),
                   known_streams   || array_agg(stored.stream),
                   known_versions  || array_agg(stored.version),
                   known_positions || array_agg(stored.position)
              into known_events, known_streams, known_versions, known_positions
              from unnest(appends[first:last], tenants[first:last], event_ids[first:last])
                   with ordinality as event (append, tenant, event_id, n)
             cross join lateral (
                   select a.stream, a.version, a.position
                     from {schema}.archived_events as a
                    where a.tenant = event.tenant and a.event_id = event.event_id
                    limit 1) as stored
             where event.append in (select touched.append
                                      from unnest(appends[first:last], writes[first:last]) as touched (append, write)
                                     where touched.write = any (round_archived))
               and (round_known is null or event.n + first - 1 <> all (round_known));
        end if;

        round_keyed := null;
        if keys is not null then
            select array_agg(event.append),
                   keyed_positions || array_agg(stored.position),
                   keyed_outcomes  || array_agg(stored.outcome::text)
              into round_keyed, keyed_positions, keyed_outcomes
              from unnest(appends[first:last], tenants[first:last], keys[first:last]) as event (append, tenant, key)
             cross join lateral (
                   select k.position, k.outcome
                     from {schema}.idempotency_keys as k
                    where k.tenant = event.tenant and k.key = event.key
                    limit 1) as stored;
            keyed_appends := keyed_appends || round_keyed;
        end if;

        refused := null;
        if conflict or round_known is not null or round_keyed is not null then
            refused := array(
                select appends[known.n] from unnest(round_known) as known (n)
                 union
                select keyed.append from unnest(round_keyed) as keyed (append)
                 union
                select event.append
                  from unnest(appends[first:last], writes[first:last], places[first:last])
                       as event (append, write, place)
                 where event.place = 1
                   and (event.write = any (round_archived)
                        or not {schema}.expectation_met(
                               expected[event.write], round_versions[event.write - writes_before])));
        end if;

        if conditions is not null then
            select array_agg(found.append), unmet_positions || array_agg(found.position)
              into round_unmet, unmet_positions
              from (select event.append,
                           {schema}.first_match(event.tenant, (event.condition::jsonb ->> 'after')::bigint,
                                                event.condition::jsonb -> 'items') as position
                      from unnest(appends[first:last], tenants[first:last], conditions[first:last])
                           as event (append, tenant, condition)
                     where event.condition is not null
                       and (refused is null or event.append <> all (refused))
                    offset 0) as found
             where found.position is not null;
            unmet_appends := unmet_appends || round_unmet;
            refused := refused || round_unmet;
        end if;

        with stored as (
            insert into {schema}.events
                   (tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata, payload,
                    payload_binary, tags)
            select event.tenant, event.stream, round_versions[event.write - writes_before] + event.place,
                   event.event_id, event.event_type, event.schema_version, event.occurred_at,
                   event.metadata::json, event.payload::json, event.payload_binary,
                   string_to_array(event.tag_list, E'\x1f')
              from unnest(appends[first:last], writes[first:last], places[first:last], tenants[first:last],
                          streams[first:last], event_ids[first:last], event_types[first:last],
                          schema_versions[first:last], occurred_ats[first:last], metadatas[first:last],
                          payloads[first:last], binaries[first:last], tag_lists[first:last])
                   with ordinality
                   as event (append, write, place, tenant, stream, event_id, event_type, schema_version, occurred_at,
                             metadata, payload, payload_binary, tag_list, n)
             where refused is null or event.append <> all (refused)
             order by event.n
            returning events.position)
        select array_agg(stored.position order by stored.position) into round_positions from stored;
        positions := positions || round_positions;

        if tag_lists is not null then
            insert into {schema}.event_tags (tenant, tag, position, event_type)
            select e.tenant, each.tag, e.position, e.event_type
              from {schema}.events as e
             cross join lateral unnest(e.tags) as each (tag)
             where e.position = any (round_positions);
        end if;

        if keys is not null then
            insert into {schema}.idempotency_keys (tenant, key, position, outcome)
            select min(done.tenant) filter (where done.key is not null),
                   min(done.key),
                   max(done.position),
                   json_agg(json_build_array(done.tenant, done.stream, done.before + 1, done.before + done.events)
                            order by done.write)
              from (select stored.append, stored.write, stored.tenant, stored.stream, min(stored.key) as key,
                           max(round_positions[stored.n]) as position, count(*) as events,
                           round_versions[stored.write - writes_before] as before
                      from (select event.append, event.write, event.tenant, event.stream, event.key,
                                   row_number() over (order by event.n) as n
                              from unnest(appends[first:last], writes[first:last], tenants[first:last],
                                          streams[first:last], keys[first:last])
                                   with ordinality as event (append, write, tenant, stream, key, n)
                             where refused is null or event.append <> all (refused)) as stored
                     group by stored.append, stored.write, stored.tenant, stored.stream) as done
             group by done.append
            having min(done.key) is not null;
        end if;

        writes_before := writes_before + cardinality(round_versions);
        first := last + 1;
    end loop;
end
$$
