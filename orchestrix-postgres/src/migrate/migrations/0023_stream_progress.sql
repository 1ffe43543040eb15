-- How far the events of streams are folded into the documents of collections that appends write to, too. Locks are taken in
-- this order: streams, builds, leases, dead letters, the build's row, checkpoints, progress, documents.
create table {schema}.stream_progress (
    collection text collate "C" not null,
    tenant     text collate "C" not null,
    stream     text collate "C" not null,
    version    bigint           not null,
    primary key (collection, tenant, stream)
);

-- Moves the progress of streams in a collection, each from one version to another, or says that it is there where the two are
-- the same; then writes documents: those whose body is null are deleted. Tells the first stream whose progress is elsewhere,
-- if there is one: then it is for the caller to roll back.
create function {schema}.write_progressed(
    target           text,
    tenants          text[],
    streams          text[],
    froms            bigint[],
    tos              bigint[],
    document_tenants text[],
    document_keys    text[],
    bodies           text[],
    indexes          text[],
    place_tenants    text[],    -- for each place of a document in an index
    place_keys       text[],
    place_names      text[],
    place_values     bytea[],
    out moved_tenant text,
    out moved_stream text
)
    language plpgsql volatile
    set enable_seqscan = off
    set plan_cache_mode = force_generic_plan
    set lock_timeout = '10s'
as $$
declare
    step    record;
    as_seen boolean;
begin
    for step in
        select move.tenant, move.stream, move.before, move.behind
          from unnest(tenants, streams, froms, tos) as move (tenant, stream, before, behind)
         order by move.tenant collate "C", move.stream collate "C"
    loop
        if step.before = step.behind then
            select coalesce(max(progress.version), 0) = step.before
              into as_seen
              from {schema}.stream_progress as progress
             where progress.collection = target and progress.tenant = step.tenant and progress.stream = step.stream;
        elsif step.before = 0 then
            insert into {schema}.stream_progress (collection, tenant, stream, version)
            values (target, step.tenant, step.stream, step.behind)
                on conflict (collection, tenant, stream) do nothing;
            as_seen := found;
        else
            update {schema}.stream_progress as progress
               set version = step.behind
             where progress.collection = target and progress.tenant = step.tenant and progress.stream = step.stream
               and progress.version = step.before;
            as_seen := found;
        end if;
        if not as_seen then
            moved_tenant := step.tenant;
            moved_stream := step.stream;
            return;
        end if;
    end loop;

    insert into {schema}.documents (collection, tenant, key, body)
    select target, write.tenant, write.key, write.body::json
      from unnest(document_tenants, document_keys, bodies) as write (tenant, key, body)
     where write.body is not null
     order by write.tenant collate "C", write.key collate "C"
        on conflict (collection, tenant, key) do update
       set body = excluded.body;
    delete from {schema}.documents as document
     using unnest(document_tenants, document_keys, bodies) as write (tenant, key, body)
     where document.collection = target and document.tenant = write.tenant and document.key = write.key
       and write.body is null;

    if cardinality(indexes) > 0 then
        insert into {schema}.document_indexes as index (collection, tenant, key, name, value)
        select target, place.tenant, place.key, place.name, place.value
          from unnest(place_tenants, place_keys, place_names, place_values) as place (tenant, key, name, value)
         order by place.tenant collate "C", place.key collate "C", place.name collate "C"
            on conflict (collection, tenant, key, name) do update
           set value = excluded.value
         where index.value <> excluded.value;
        delete from {schema}.document_indexes as index
         using unnest(document_tenants, document_keys, bodies) as write (tenant, key, body)
         where index.collection = target and index.tenant = write.tenant and index.key = write.key
           and (write.body is null or index.name <> all (indexes));
    end if;
end
$$;

-- What an append does to one read model with one of its streams. Tells whether that is as it was seen: builds are all that
-- there are, the one that is read and the one that is under way, and progress is where it was. If not, it is for the caller to
-- roll back. The builds stay so until the end of the transaction; their lock is a fair one, so that who changes them does
-- not wait for appends that come later.
create function {schema}.write_inline(
    name         text,
    builds       bigint[],
    build        bigint,
    tenant       text,
    stream       text,
    before       bigint,
    behind       bigint,
    keys         text[],        -- of the stream's document, if it changes
    bodies       text[],
    indexes      text[],
    place_names  text[],
    place_values bytea[]
)
    returns boolean
    language plpgsql volatile
    set lock_timeout = '10s'
as $$
declare
    moved_stream text;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('orchestrix rebuild {schema_name} ' || name, 0));
    if builds <> array(
           select coalesce((select checkpoint.build from {schema}.checkpoints as checkpoint where checkpoint.subscription = name), 0)
            union
           select rebuild.build from {schema}.rebuilds as rebuild where rebuild.read_model = name
            order by 1) then
        return false;
    end if;
    select written.moved_stream into moved_stream
      from {schema}.write_progressed(
               case build when 0 then name else name || '~' || build end,
               array[tenant], array[stream], array[before], array[behind],
               array(select tenant from unnest(keys)), keys, bodies, indexes,
               array(select tenant from unnest(place_names)), array(select keys[1] from unnest(place_names)),
               place_names, place_values) as written;
    return moved_stream is null;
end
$$;

-- What appends do to read models, each as JSON, in the order in which locks are to be taken; see write_inline. Bodies are texts
-- in it: what was written is what is read. Gives the number of the first that is not as it was seen, from 1; none where all
-- are.
create function {schema}.write_inlines(inlines text[])
    returns integer
    language plpgsql volatile
as $$
declare
    number integer := 0;
    item   text;
    one    json;
begin
    foreach item in array inlines loop
        number := number + 1;
        one := item::json;
        if not {schema}.write_inline(
                   one ->> 'name',
                   array(select json_array_elements_text(one -> 'builds'))::bigint[],
                   (one ->> 'build')::bigint,
                   one ->> 'tenant',
                   one ->> 'stream',
                   (one ->> 'before')::bigint,
                   (one ->> 'behind')::bigint,
                   array(select json_array_elements_text(one -> 'keys')),
                   array(select json_array_elements_text(one -> 'bodies')),
                   array(select json_array_elements_text(one -> 'indexes')),
                   array(select json_array_elements_text(one -> 'places')),
                   array(select decode(json_array_elements_text(one -> 'values'), 'hex'))) then
            return number;
        end if;
    end loop;
    return null;
end
$$;

-- Does what goes with appends that were just made, of so many events in all. Where some of several appends were refused, or a
-- read model is not as it was seen, all is undone; a single one that was refused stays so.
create function {schema}.with_inlines(inlines text[], stored integer, events integer, appends integer)
    returns void
    language plpgsql volatile
as $$
declare
    moved integer;
begin
    if stored < events then
        if appends > 1 then
            raise exception 'some of the appends were refused' using errcode = 'ORX02';
        end if;
        return;
    end if;
    moved := {schema}.write_inlines(inlines);
    if moved is not null then
        raise exception '%', moved using errcode = 'ORX01';
    end if;
end
$$;

-- As it was, but that no append writes documents meanwhile.
create or replace function {schema}.switch_build(
    name text, new_build bigint, expected bigint, lease_name text, lease_token bigint,
    out outcome text, out actual bigint
) language plpgsql as $$
declare
    built     text := name || '~' || new_build;
    live      bigint;
    old_build bigint;
begin
    -- No append writes documents meanwhile.
    perform {schema}.lock_builds(name);
    -- In the order in which consumers lock: letters, then the build that is under way, then checkpoints.
    perform from {schema}.dead_letters where subscription in (name, built) order by subscription, position for update;
    perform from {schema}.rebuilds as rebuild
      where rebuild.read_model = name and rebuild.build = new_build
        for update;
    if not found then
        outcome := 'not building';
        return;
    end if;
    insert into {schema}.checkpoints (subscription, position)
    values (name, 0)
        on conflict do nothing;
    select checkpoint.position, checkpoint.build into live, old_build
      from {schema}.checkpoints as checkpoint
     where checkpoint.subscription = name
       for update;
    select checkpoint.position into actual
      from {schema}.checkpoints as checkpoint
     where checkpoint.subscription = built
       for update;
    actual := coalesce(actual, 0);
    -- Once nobody else can change anything.
    if lease_name is not null
       and not exists (select
                         from {schema}.leases as lease
                        where lease.name = lease_name and lease.token = lease_token
                          and lease.node is not null and lease.expires_at > clock_timestamp()) then
        outcome := 'fenced';
    elsif actual <> expected then
        outcome := 'moved';
    elsif live > expected then
        outcome := 'behind';
    else
        update {schema}.checkpoints set position = expected, build = new_build where subscription = name;
        delete from {schema}.checkpoints where subscription = built;
        delete from {schema}.dead_letters where subscription = name;
        update {schema}.dead_letters set subscription = name where subscription = built;
        delete from {schema}.rebuilds where read_model = name;
        insert into {schema}.dropped_collections
        values (case old_build when 0 then name else name || '~' || old_build end)
            on conflict do nothing;
        outcome := 'switched';
    end if;
end
$$;

-- As it was, but that no append writes documents meanwhile.
create or replace function {schema}.give_up_build(name text, given_up bigint) returns void language plpgsql as $$
declare
    built text := name || '~' || given_up;
begin
    -- No append writes documents meanwhile.
    perform {schema}.lock_builds(name);
    -- In the order in which consumers lock.
    perform from {schema}.dead_letters where subscription = built order by position for update;
    -- Waits for those who write its documents; later ones find it gone.
    delete from {schema}.rebuilds as rebuild where rebuild.read_model = name and rebuild.build = given_up;
    if found then
        delete from {schema}.checkpoints where subscription = built;
        delete from {schema}.dead_letters where subscription = built;
        insert into {schema}.dropped_collections values (built) on conflict do nothing;
    end if;
end
$$
