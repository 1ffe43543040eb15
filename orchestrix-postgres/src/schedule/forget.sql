with forgotten as (
    delete from {schema}.schedules
     where (tenant, id) in (select tenant, id
                              from {schema}.schedules
                             where fired_at < $1
                             order by fired_at
                             limit $2
                               for update skip locked)
    returning 1)
select count(*) from forgotten
