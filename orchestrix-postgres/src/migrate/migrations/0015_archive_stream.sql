-- Takes a stream off the hot path, once it is as expected (see expectation_met); the rows of its tags stay. Answers with
-- its last version, 0 when it is absent, and whether it is archived now. It excludes writers as they do each other.
create function {schema}.archive_stream(
    of_tenant text,
    of_stream text,
    expected  bigint,
    out version     bigint,
    out is_archived boolean
)
    language plpgsql volatile
    set enable_seqscan = off
    set plan_cache_mode = force_generic_plan
    set lock_timeout = '10s'
as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'archiving needs a read committed transaction, this one is %',
            current_setting('transaction_isolation') using errcode = 'invalid_transaction_state';
    end if;
    if current_setting('synchronous_commit') = 'off' then
        perform set_config('synchronous_commit', 'on', true);
    end if;

    perform pg_advisory_xact_lock(
        hashtext('orchestrix streams {schema_name}'), hashtext(of_tenant || '/' || of_stream));

    select a.version into version
      from {schema}.archived_streams as a
     where a.tenant = of_tenant and a.stream = of_stream;
    if found then
        is_archived := {schema}.expectation_met(expected, version);
        return;
    end if;

    select e.version into version
      from {schema}.events as e
     where e.tenant = of_tenant and e.stream = of_stream
     order by e.version desc
     limit 1;
    version := coalesce(version, 0);
    is_archived := version > 0 and {schema}.expectation_met(expected, version);
    if not is_archived then
        return;
    end if;

    with moved as (
        delete from {schema}.events as e
         where e.tenant = of_tenant and e.stream = of_stream
        returning e.*)
    insert into {schema}.archived_events
           (position, tenant, stream, version, event_id, event_type, schema_version, occurred_at, metadata, payload, tags,
            payload_binary)
    select moved.position, moved.tenant, moved.stream, moved.version, moved.event_id, moved.event_type,
           moved.schema_version, moved.occurred_at, moved.metadata, moved.payload, moved.tags, moved.payload_binary
      from moved;
    insert into {schema}.archived_streams (tenant, stream, version) values (of_tenant, of_stream, version);
end
$$
