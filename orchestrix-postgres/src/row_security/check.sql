-- Who we are, whether policies do not hold for us, and the tables whose rows of other tenants we could reach: those that
-- do not force the policy of ours, and those where another one permits more.
select current_user::text,
       (select rolsuper or rolbypassrls from pg_roles where rolname = current_user),
       array(select pg_class.relname::text
               from pg_class
               join pg_attribute on attrelid = pg_class.oid and attname = 'tenant' and not attisdropped
              where relnamespace = '{schema}'::regnamespace and relkind in ('r', 'p')
                and not (relrowsecurity and relforcerowsecurity
                         and (select count(*) = 1
                                     and bool_and(polname = 'orchestrix_tenants' and polcmd = '*'
                                                  and pg_get_expr(polqual, polrelid) like '%orchestrix.tenants%')
                                from pg_policy
                               where polrelid = pg_class.oid and polpermissive))
              order by relname)
