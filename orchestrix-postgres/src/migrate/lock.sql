-- One at a time changes the schema; others wait here.
select pg_advisory_xact_lock(hashtextextended('orchestrix migrations {schema_name}', 0))
