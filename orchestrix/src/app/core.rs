//! What a running application consists of; shared by its handles, its handlers and its tasks.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use super::built_indexes::BuiltIndexes;
use super::{Config, SubscriptionHandle, ViewError};
use crate::aggregate::Executor;
use crate::clock::Clock;
use crate::middleware::{CallService, CommandCall, DeliveryCall};
use crate::module::Module;
use crate::randomness::Randomness;
use crate::registry::Registry;
use crate::schedule::Firing;
use crate::store::{GlobalPosition, NodeId, Ports};
use crate::subscription::{Failures, SubscriptionStatus, UnknownSubscription};

/// Commands under way at once; more wait at the door.
pub(super) const MOST_COMMANDS: u32 = 16_384;

pub(crate) struct Core {
    /// What other nodes know this one by.
    pub(crate) node: NodeId,
    pub(crate) ports: Ports,
    pub(crate) registry: Registry,
    pub(crate) executor: Executor,
    pub(crate) failures: Arc<Failures>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) config: Config,
    pub(crate) modules: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    pub(crate) subscriptions: HashMap<String, SubscriptionHandle>,
    /// Where the builds are that run here, by their collections.
    pub(super) builds: Mutex<HashMap<String, watch::Receiver<SubscriptionStatus>>>,
    /// Which indexes can be asked.
    pub(super) indexes: BuiltIndexes,
    /// Has it looked at once what is to be done about read models.
    pub(super) upkeep: Notify,
    /// What commands pass through; nothing, and they go straight.
    pub(crate) dispatch_layers: Option<CallService<CommandCall>>,
    /// What events pass through on their way to event handlers.
    pub(crate) delivery_layers: Option<CallService<DeliveryCall>>,
    /// What is to be done at a time.
    pub(crate) firing: Firing,
    pub(super) door: Arc<Semaphore>,
    /// Set when a shutdown begins: who comes now is turned away at once, who came before is waited for.
    pub(super) closing: AtomicBool,
}

impl Core {
    /// A place among the commands under way; none when the app is shutting down.
    pub(crate) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if self.closing.load(Ordering::Acquire) {
            return None;
        }
        self.door.clone().acquire_owned().await.ok()
    }

    pub(super) fn builds(
        &self,
    ) -> MutexGuard<'_, HashMap<String, watch::Receiver<SubscriptionStatus>>> {
        // Nothing under this lock panics.
        self.builds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn module<M: Module>(&self) -> Option<Arc<M>> {
        self.modules
            .get(&TypeId::of::<M>())?
            .clone()
            .downcast()
            .ok()
    }

    /// Where each subscription is, by name.
    pub(super) fn subscriptions(&self) -> Vec<SubscriptionStatus> {
        let handles = self.subscriptions.values();
        let mut all: Vec<_> = handles
            .map(|handle| handle.status.borrow().clone())
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    pub(super) fn subscription(
        &self,
        name: &str,
    ) -> Result<&SubscriptionHandle, UnknownSubscription> {
        let known = || UnknownSubscription::new(name, self.subscriptions.keys());
        self.subscriptions.get(name).ok_or_else(known)
    }

    /// Waits until a subscription has come to a position.
    pub(super) async fn reached(
        &self,
        subscription: &str,
        position: GlobalPosition,
        limit: Duration,
    ) -> Result<(), ViewError> {
        let Some(handle) = self.subscriptions.get(subscription) else {
            return Err(ViewError::NotRegistered {
                read_model: subscription.to_owned(),
            });
        };
        let mut status = handle.status.clone();
        let arrived = status.wait_for(|status| status.position >= position);
        if let Ok(Ok(_)) = tokio::time::timeout(limit, arrived).await {
            return Ok(());
        }
        let last = status.borrow().clone();
        Err(ViewError::Behind {
            subscription: last.name,
            wanted: position,
            reached: last.position,
            limit,
            state: last.state,
        })
    }

    /// Handlers append while they catch up, so what is waited for grows until it stands still.
    pub(super) async fn caught_up(
        &self,
        position: GlobalPosition,
        limit: Duration,
    ) -> Result<(), ViewError> {
        let began = Instant::now();
        let left = || limit.saturating_sub(began.elapsed());
        let mut position = position;
        loop {
            for subscription in self.subscriptions.keys() {
                self.reached(subscription, position, left())
                    .await
                    .map_err(|error| error.waited(limit))?;
            }
            let head = tokio::time::timeout(left(), self.ports.events.head())
                .await
                .map_err(|_| ViewError::Timeout {
                    reading: "the head of the log".to_owned(),
                    limit,
                })?
                .map_err(|source| ViewError::Log { source })?;
            if head <= position {
                return Ok(());
            }
            position = head;
        }
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
