-- How many partitions the events have, 0 for a table in one piece.
select count(*) from pg_inherits where inhparent = '{schema}.events'::regclass
