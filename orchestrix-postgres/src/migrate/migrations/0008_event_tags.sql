-- What events are about. `tags` is null where there is nothing; `event_tags` finds events by tag, over all streams. Its
-- rows are those of a B-tree: they are seen by the very next statement, and each costs the same.
alter table {schema}.events add column tags text[];

create table {schema}.event_tags (
    tenant     text collate "C" not null,
    tag        text collate "C" not null,
    position   bigint           not null,
    event_type text collate "C" not null,
    primary key (tenant, tag, position) include (event_type)
)
