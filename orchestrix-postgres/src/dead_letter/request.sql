with requested as (
    update {schema}.dead_letters
       set request = $5
     where subscription = $1
       and ($3::text is null or (tenant = $2 and stream = $3))
       and ($4::bigint is null or position = $4)
    returning 1)
select count(*) from requested
