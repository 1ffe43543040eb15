-- Takes the shared fence lock, to be held to the end of the transaction; called before a position is drawn.
--
-- The lower 48 bits of its key carry the last position that had been drawn before: every position of this transaction
-- lies above. So a reader sees from pg_locks alone which positions may still turn up.
create function {schema}.enter_fence() returns void
    language plpgsql volatile
as $$
begin
    perform pg_advisory_xact_lock_shared(
        ({schema}.fence_tag() << 48)
        | coalesce(pg_sequence_last_value('{schema}.events_position_seq'::regclass), 0)
    );
end
$$
