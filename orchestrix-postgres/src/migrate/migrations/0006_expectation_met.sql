-- Whether a stream that is at `actual` (0: absent) is as a writer expects it: -1 any version, -2 it exists, else
-- exactly this version.
create function {schema}.expectation_met(expected bigint, actual bigint) returns boolean
    language sql immutable
    return case expected when -1 then true when -2 then actual > 0 else actual = expected end
