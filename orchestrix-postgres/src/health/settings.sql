-- What the store's promises rest on, as this session has it.
select current_setting('server_version'),
       current_setting('server_version_num')::integer,
       current_setting('fsync'),
       current_setting('full_page_writes'),
       current_setting('synchronous_commit'),
       current_setting('transaction_isolation'),
       current_setting('transaction_read_only'),
       positions.seqincrement,
       positions.seqcache
  from pg_sequence as positions
 where positions.seqrelid = '{schema}.events_position_seq'::regclass
