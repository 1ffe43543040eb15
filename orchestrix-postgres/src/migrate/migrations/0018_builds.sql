-- Read models that are built anew beside the ones that are read. The documents of build n > 0 are in the collection
-- `name~n`. The build is beside the position, so that one lock holds both.
alter table {schema}.checkpoints add column build bigint not null default 0;

create table {schema}.rebuilds (
    read_model text collate "C" not null primary key,
    build      bigint           not null
);

-- Collections whose documents are to be deleted.
create table {schema}.dropped_collections (
    collection text collate "C" not null primary key
);

-- The collection of the build that is read.
create function {schema}.current_collection(name text) returns text language sql stable as $$
    select coalesce((select checkpoint.subscription || '~' || checkpoint.build
                       from {schema}.checkpoints as checkpoint
                      where checkpoint.subscription = name and checkpoint.build > 0), name)
$$;

-- Held by who gives out the number of a build.
create function {schema}.lock_builds(name text) returns void language sql as $$
    select pg_advisory_xact_lock(hashtextextended('orchestrix rebuild {schema_name} ' || name, 0))
$$;

-- The number of a build whose documents are nobody's yet.
create function {schema}.next_build(name text) returns bigint language plpgsql as $$
declare
    new_build bigint;
begin
    select coalesce(max(checkpoint.build), 0) + 1 into new_build
      from {schema}.checkpoints as checkpoint
     where checkpoint.subscription = name;
    while exists (select from {schema}.dropped_collections where collection = name || '~' || new_build) loop
        new_build := new_build + 1;
    end loop;
    return new_build;
end
$$;

-- The number of a new build, or of the one that is under way.
create function {schema}.begin_rebuild(name text) returns bigint language plpgsql as $$
declare
    new_build bigint;
begin
    -- Two who begin at once get the same.
    perform {schema}.lock_builds(name);
    select rebuild.build into new_build from {schema}.rebuilds as rebuild where rebuild.read_model = name;
    if found then
        return new_build;
    end if;
    new_build := {schema}.next_build(name);
    insert into {schema}.rebuilds (read_model, build) values (name, new_build);
    return new_build;
end
$$;

-- Puts a build in the place of the one that is read. Says what came of it; the position is where the build's checkpoint is.
create function {schema}.switch_build(
    name text, new_build bigint, expected bigint, lease_name text, lease_token bigint,
    out outcome text, out actual bigint
) language plpgsql as $$
declare
    built     text := name || '~' || new_build;
    live      bigint;
    old_build bigint;
begin
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

-- Gives up a build, if it is under way.
create function {schema}.give_up_build(name text, given_up bigint) returns void language plpgsql as $$
declare
    built text := name || '~' || given_up;
begin
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
$$;

-- Gives up a read model, and its build that is under way.
create function {schema}.drop_read_model(name text) returns void language plpgsql as $$
declare
    old_build bigint;
begin
    perform {schema}.lock_builds(name);
    -- In the order in which consumers lock.
    perform from {schema}.dead_letters where subscription = name order by position for update;
    perform {schema}.give_up_build(name, rebuild.build) from {schema}.rebuilds as rebuild where rebuild.read_model = name;
    insert into {schema}.checkpoints (subscription, position)
    values (name, 0)
        on conflict do nothing;
    select checkpoint.build into old_build
      from {schema}.checkpoints as checkpoint
     where checkpoint.subscription = name
       for update;
    insert into {schema}.dropped_collections
    values (case old_build when 0 then name else name || '~' || old_build end)
        on conflict do nothing;
    -- Should it come back, its documents are none of those that are being deleted.
    update {schema}.checkpoints set position = 0, build = {schema}.next_build(name) where subscription = name;
    delete from {schema}.dead_letters where subscription = name;
end
$$
