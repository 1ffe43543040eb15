-- Puts a partitioned table in the place of the one that holds the events, with `orchestrix.partitions` partitions. Leaves
-- in `orchestrix.row_security` whether the table has row-level security to be made again.
do $$
declare
    partitions  integer := current_setting('orchestrix.partitions')::integer;
    owner       regrole;
    is_secured  boolean;
    again       text[];
    sentence    text;
    part_name   text;
begin
    lock table {schema}.events in access exclusive mode;
    perform set_config('orchestrix.row_security', 'off', true);
    if (select relkind from pg_class where oid = '{schema}.events'::regclass) = 'p' then
        return;
    end if;
    if exists (select from pg_trigger where tgrelid = '{schema}.events'::regclass and not tgisinternal) then
        raise exception 'the table of events has triggers, which would be lost: drop them first'
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    if exists (select from pg_policy
                where polrelid = '{schema}.events'::regclass and polname <> 'orchestrix_tenants') then
        raise exception 'the table of events has policies that would be lost: drop them first'
            using errcode = 'object_not_in_prerequisite_state';
    end if;

    -- What goes with the old table, in the words that make it again. The primary key does not: it becomes longer.
    select relowner::regrole, relrowsecurity into owner, is_secured
      from pg_class where oid = '{schema}.events'::regclass;
    again := array(
        select format('alter table {schema}.events add constraint %I %s', conname, pg_get_constraintdef(oid))
          from pg_constraint
         where conrelid = '{schema}.events'::regclass and contype in ('u', 'f')
        union all
        select pg_get_indexdef(indexrelid)
          from pg_index
         where indrelid = '{schema}.events'::regclass
           and not exists (select from pg_constraint where conindid = indexrelid)
        union all
        select format('grant %s on {schema}.events to %s%s', acl.privilege_type,
                      case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end,
                      case when acl.is_grantable then ' with grant option' else '' end)
          from pg_class cross join lateral aclexplode(relacl) as acl
         where oid = '{schema}.events'::regclass and acl.grantee <> relowner
        union all
        select format('grant %s (%I) on {schema}.events to %s', acl.privilege_type, attname,
                      case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end)
          from pg_attribute cross join lateral aclexplode(attacl) as acl
         where attrelid = '{schema}.events'::regclass
        union all
        -- An identity column asks for no privilege on its sequence, a default does.
        select format('grant usage on sequence {schema}.events_position_seq to %s',
                      case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end)
          from pg_class cross join lateral aclexplode(relacl) as acl
         where oid = '{schema}.events'::regclass and acl.grantee <> relowner and acl.privilege_type = 'INSERT');

    -- The old table stays, with no rows and no column but the one whose sequence the new one draws positions from: a
    -- sequence of the same name would not do for those who are about to take the fence.
    alter table {schema}.events rename to events_position;
    create table {schema}.events (like {schema}.events_position including all excluding identity excluding indexes)
        partition by hash (tenant);
    -- Identity columns of partitioned tables come with version 17.
    alter table {schema}.events alter column position set default nextval('{schema}.events_position_seq');
    for n in 0 .. partitions - 1 loop
        execute format('create table {schema}.events_p%s partition of {schema}.events
                            for values with (modulus %s, remainder %s)', n, partitions, n);
        execute format('alter table {schema}.events_p%s owner to %s', n, owner);
    end loop;
    insert into {schema}.events select * from {schema}.events_position order by position;
    truncate {schema}.events_position;
    for part_name in
        select indexrelid::regclass::text from pg_index
         where indrelid = '{schema}.events_position'::regclass
           and not exists (select from pg_constraint where conindid = indexrelid)
    loop
        execute format('drop index %s', part_name);
    end loop;
    drop policy if exists orchestrix_tenants on {schema}.events_position;
    alter table {schema}.events_position disable row level security, no force row level security;
    for part_name in
        select attname from pg_attribute
         where attrelid = '{schema}.events_position'::regclass and attnum > 0 and not attisdropped
           and attname <> 'position'
    loop
        execute format('alter table {schema}.events_position drop column %I', part_name);
    end loop;
    for part_name in
        select conname from pg_constraint where conrelid = '{schema}.events_position'::regclass and contype = 'p'
    loop
        execute format('alter table {schema}.events_position rename constraint %I to events_position_pkey', part_name);
    end loop;

    alter table {schema}.events add primary key (position, tenant);
    foreach sentence in array again loop
        execute sentence;
    end loop;
    execute format('alter table {schema}.events owner to %s', owner);
    analyze {schema}.events;
    perform set_config('orchestrix.row_security', is_secured::text, true);
end
$$
