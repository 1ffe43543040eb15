-- Waits until nobody else writes the tables of the projection $1, and keeps others waiting until the transaction has ended.
-- Returns the server's process.
select pg_backend_pid(),
       pg_advisory_xact_lock(hashtextextended('orchestrix tables {schema_name} ' || $1, 0))::text
