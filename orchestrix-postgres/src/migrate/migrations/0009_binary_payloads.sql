-- A payload is JSON, or bytes of another encoding. Not validated, because that would read the whole log while nobody may
-- write: what is there has a payload that was not null until now.
alter table {schema}.events
    alter column payload drop not null,
    add column payload_binary bytea,
    add constraint events_one_payload check (num_nonnulls(payload, payload_binary) = 1) not valid
