-- Gives the role that `orchestrix.role` names what a store does: it never changes an event, and takes one away only into
-- the archive.
do $$
declare
    role  text := quote_ident(current_setting('orchestrix.role'));
    named record;
begin
    execute format('grant usage on schema {schema} to %s', role);
    for named in
        select pg_class.oid::regclass as name,
               case relname
                    when 'migrations'       then 'select'
                    when 'events'           then 'select, insert, delete'
                    when 'archived_events'  then 'select, insert'
                    when 'archived_streams' then 'select, insert'
                    when 'event_tags'       then 'select, insert'
                    when 'events_position'  then 'select'
                    else 'select, insert, update, delete'
               end as privileges
          from pg_class
         where relnamespace = '{schema}'::regnamespace and relkind in ('r', 'p') and not relispartition
    loop
        execute format('grant %s on %s to %s', named.privileges, named.name, role);
    end loop;
    execute format('grant usage, select on all sequences in schema {schema} to %s', role);
    execute format('grant execute on all functions in schema {schema} to %s', role);
end
$$
