//! Middleware around commands and deliveries.

mod authorising;
mod calls;
mod deliveries;
mod failing;
mod idempotency;
mod limiting;
mod logging;
mod order;
mod replies;
mod retrying;
mod tower_layers;
mod trail;
