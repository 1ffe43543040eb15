-- The highest position that can be seen, and how far the positions after $1 go on without a gap.
select coalesce((select max(position) from {schema}.events), 0),
       coalesce(max(next.position) filter (where next.position = $1 + next.n), $1)
  from (select position, row_number() over (order by position) as n
          from {schema}.events
         where position > $1
         order by position
         limit 10000) as next
