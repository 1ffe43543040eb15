//! Building a read model anew, beside the one that is read.

use std::sync::Arc;

use async_trait::async_trait;

use super::Projection;
use super::fold::Fold;
use crate::store::{Filter, GlobalPosition, ReadModelStore, RecordedEvent, SwitchBuild};
use crate::subscription::{Batch, ConsumeError, Consumed, HeldLease, Subscriber};

/// Folds all events into documents of their own; where it has caught up, these take the place of the old ones.
pub(super) struct Builder<P> {
    pub(super) fold: Fold<P>,
    pub(super) store: Arc<dyn ReadModelStore>,
    pub(super) read_model: String,
    pub(super) build: u64,
}

#[async_trait]
impl<P: Projection> Subscriber for Builder<P> {
    fn name(&self) -> &str {
        self.fold.name()
    }

    fn filter(&self) -> Filter {
        self.fold.filter()
    }

    async fn load_checkpoint(&mut self) -> Result<GlobalPosition, ConsumeError> {
        self.fold.load_checkpoint().await
    }

    async fn consume(&mut self, batch: Batch<'_>) -> Result<Consumed, ConsumeError> {
        self.fold.consume(batch).await
    }

    async fn rehearse(&self, events: &[RecordedEvent]) -> Result<(), ConsumeError> {
        self.fold.rehearse(events).await
    }

    fn ends(&self) -> bool {
        true
    }

    async fn end(
        &mut self,
        at: GlobalPosition,
        lease: Option<&HeldLease>,
    ) -> Result<bool, ConsumeError> {
        let switch = SwitchBuild {
            read_model: self.read_model.clone(),
            build: self.build,
            at,
            fence: lease.map(HeldLease::fence),
        };
        Ok(self.store.switch_build(switch).await?)
    }
}
