select seqincrement, seqcache
  from pg_sequence
 where seqrelid = '{schema}.events_position_seq'::regclass
