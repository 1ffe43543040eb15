select subscription, position
  from {schema}.checkpoints
 where starts_with(subscription, $1 || '#')
 order by subscription
