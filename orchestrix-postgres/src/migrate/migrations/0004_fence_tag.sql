-- What tells this schema's fence locks from everybody else's: the upper 16 bits of their 64-bit keys, 1 to 65534, so
-- that small numbers, positive or negative, which applications like to lock, are never taken for ours.
create function {schema}.fence_tag() returns bigint
    language sql immutable
    return 1 + (hashtextextended('orchestrix fence {schema_name}', 0) & 2147483647) % 65534
