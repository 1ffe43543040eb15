-- What others claim at the same moment is theirs. It is locked in one order.
with due as materialized (
    select tenant, id, next_attempt
      from {schema}.schedules
     where fired_at is null and next_attempt <= $1
     order by next_attempt, id, tenant
     limit $3
       for update skip locked),
claimed as (
    update {schema}.schedules as schedule
       set attempts = schedule.attempts + 1, next_attempt = $2
      from due
     where schedule.tenant = due.tenant and schedule.id = due.id
    returning schedule.*, due.next_attempt as was_due)
select tenant, id, due, next_attempt, kind, name, payload::text, payload_binary, metadata::text, attempts, error
  from claimed
 order by was_due, id, tenant
