-- Where `orchestrix.row_security` says so: nobody sees or writes rows of tenants other than those that his transaction is
-- for, the owner of the tables included. `orchestrix.tenants` holds them, separated by U+001F; U+001F alone stands for
-- all. It is set for one transaction at a time and empty after it, and where it was never set it is null: no tenant's
-- name is empty, so nothing is seen then.
--
-- The settings are read once for each statement, in the subqueries.
do $$
declare
    secured record;
begin
    if not current_setting('orchestrix.row_security')::boolean then
        return;
    end if;
    for secured in
        select pg_class.oid::regclass as name
          from pg_class
          join pg_attribute on attrelid = pg_class.oid and attname = 'tenant' and not attisdropped
         where relnamespace = '{schema}'::regnamespace and relkind in ('r', 'p')
         order by relispartition, relname
    loop
        execute format('alter table %s enable row level security', secured.name);
        execute format('alter table %s force row level security', secured.name);
        execute format('drop policy if exists orchestrix_tenants on %s', secured.name);
        execute format($policy$
            create policy orchestrix_tenants on %s
                using ((select current_setting('orchestrix.tenants', true)) = chr(31)
                       or tenant = any ((select string_to_array(current_setting('orchestrix.tenants', true), chr(31)))::text[]))
            $policy$, secured.name);
    end loop;
end
$$
