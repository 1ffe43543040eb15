-- The highest position that can be seen, and how far the positions after $1 go on without a gap. Both tables in one
-- statement: an event that is being archived is seen in one of them.
select greatest(coalesce((select max(position) from {schema}.events), 0),
                coalesce((select max(position) from {schema}.archived_events), 0)),
       coalesce(max(next.position) filter (where next.position = $1 + next.n), $1)
  from (select log.position, row_number() over (order by log.position) as n
          from ((select position from {schema}.events where position > $1 order by position limit 10000)
                union all
                (select position from {schema}.archived_events where position > $1 order by position limit 10000)) as log
         order by log.position
         limit 10000) as next
