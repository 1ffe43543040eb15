-- How far each subscription got.
create table {schema}.checkpoints (
    subscription text collate "C" primary key,
    position     bigint not null
)
