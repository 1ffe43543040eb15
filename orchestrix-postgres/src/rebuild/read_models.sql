select subscription
  from {schema}.checkpoints
 where starts_with(subscription, $1) and position > 0
 order by subscription
