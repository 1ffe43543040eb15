//! What is to be done about read models besides folding events: building them anew, and clearing away what is not read
//! any more.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use super::Core;
use crate::backoff::Backoff;
use crate::error::chain;
use crate::projection::{ErasedProjection, INLINE_SUFFIX};
use crate::store::{
    GlobalPosition, LeaseView, ReadModelError, ReadModelStore, ReadModelUpkeep, Rebuild,
};
use crate::subscription::{
    Control, Delivery, Engine, LeaseUnits, OtherCheckpoints, Parked, StatusSender,
};
use crate::telemetry;

/// It is looked this often whether there is something to do.
const LOOK: Duration = Duration::from_secs(1);
/// Waits after failures of the store.
const WAITS: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];
/// Documents deleted in one go.
const PURGED: usize = 1_000;

/// Keeps the read models of an application.
pub(super) struct Upkeep {
    core: Arc<Core>,
    store: Arc<dyn ReadModelStore>,
    stop: watch::Receiver<bool>,
    /// By the names of their subscriptions.
    projections: HashMap<String, (Arc<dyn ErasedProjection>, Delivery)>,
    units: LeaseUnits,
    seen: watch::Receiver<LeaseView>,
    /// By the names of their collections.
    builders: HashMap<String, RunningBuild>,
    /// Projections whose earlier versions were looked for.
    settled: HashSet<String>,
}

/// A build that this node makes, or would make if another did not.
struct RunningBuild {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    /// Told nothing; kept so that it can be.
    _control: Control,
}

impl Upkeep {
    pub(super) fn new(
        core: Arc<Core>,
        stop: watch::Receiver<bool>,
        projections: Vec<(Arc<dyn ErasedProjection>, Delivery)>,
        units: LeaseUnits,
        seen: watch::Receiver<LeaseView>,
    ) -> Self {
        let named = projections.into_iter();
        Self {
            store: core.ports.read_models.clone(),
            core,
            stop,
            projections: named
                .map(|(projection, delivery)| {
                    (projection.info().subscription, (projection, delivery))
                })
                .collect(),
            units,
            seen,
            builders: HashMap::new(),
            settled: HashSet::new(),
        }
    }

    /// Until it is told to stop.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::new(WAITS[0], WAITS[1]);
        while !*self.stop.borrow() {
            let wait = match self.look().await {
                Ok(is_done) => {
                    backoff.reset();
                    if is_done { LOOK } else { Duration::ZERO }
                }
                Err(error) => {
                    warn!(
                        { telemetry::ERROR } = %chain(&error),
                        "read models could not be kept up, and it is tried again"
                    );
                    backoff.next()
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.core.upkeep.notified() => {}
                _ = self.stop.wait_for(|stop| *stop) => {}
            }
        }
        for (name, builder) in std::mem::take(&mut self.builders) {
            builder.stop(&self.units, &name).await;
        }
    }

    /// Does what is to be done, and says whether that is all. Of what is to be deleted, only so much at a time: a rebuild is
    /// not to wait for it.
    async fn look(&mut self) -> Result<bool, ReadModelError> {
        self.drop_earlier_versions().await?;
        let ReadModelUpkeep { rebuilds, dropped } = self.store.upkeep().await?;
        let under_way: HashMap<String, Rebuild> = rebuilds
            .into_iter()
            .map(|rebuild| {
                let name = Rebuild::collection(&rebuild.read_model, rebuild.build);
                (name, rebuild)
            })
            .collect();
        // Those that have come to their end, and those that were given up. The number may have been given out again.
        let builders = self.builders.iter();
        let ended = builders
            .filter(|(name, builder)| builder.task.is_finished() || !under_way.contains_key(*name))
            .map(|(name, _)| name.clone());
        for name in ended.collect::<Vec<_>>() {
            if let Some(builder) = self.builders.remove(&name) {
                builder.stop(&self.units, &name).await;
                self.core.builds().remove(&name);
            }
        }
        for (name, rebuild) in under_way {
            if !self.builders.contains_key(&name)
                && let Some(builder) = self.build(&name, &rebuild)
            {
                self.builders.insert(name, builder);
            }
        }
        let mut is_done = true;
        for collection in dropped {
            match self.store.purge_dropped(&collection, PURGED).await? {
                0 => info!(
                    { telemetry::SUBSCRIPTION } = collection,
                    "old documents were deleted"
                ),
                _ => is_done = false,
            }
        }
        Ok(self.check_indexes().await? && is_done)
    }

    /// Has read models built anew whose documents are not all in their indexes, once for each build, and says whether there is
    /// none. By the last of what is done: it may take a while.
    async fn check_indexes(&self) -> Result<bool, ReadModelError> {
        let mut is_none = true;
        for (name, (projection, _)) in &self.projections {
            let indexes = projection.info().indexes;
            if indexes.is_empty() {
                continue;
            }
            let build = self.store.read_model_build(name).await?;
            if self.core.indexes.is_checked(name, build) {
                continue;
            }
            let missing = self.store.unindexed(name, &indexes).await?;
            if !missing.is_empty() {
                info!(
                    { telemetry::SUBSCRIPTION } = name,
                    "not all documents are in the indexes: {}",
                    missing.join(", ")
                );
                self.store.begin_rebuild(name).await?;
                is_none = false;
            }
            self.core.indexes.checked(name, build, missing);
        }
        Ok(is_none)
    }

    /// Begins to build, if it is a projection of this app.
    fn build(&self, name: &str, rebuild: &Rebuild) -> Option<RunningBuild> {
        let (projection, delivery) = self.projections.get(&rebuild.read_model)?;
        let (stop, stopped) = watch::channel(false);
        let (mut statuses, status) = StatusSender::of_lanes(name, 1);
        let (control, told) = Control::new();
        let core = &self.core;
        let engine = Engine {
            store: core.ports.events.clone(),
            subscriber: projection.builder(self.store.clone(), rebuild.build),
            status: statuses.pop()?,
            stop: stopped,
            told,
            start: GlobalPosition::START,
            delivery: delivery.clone(),
            random: core.randomness.clone(),
            page: core.config.projection_page,
            rest: core.config.checkpointing_timeout,
            clock: core.clock.clone(),
            letters: self.store.clone(),
            parked: Parked::default(),
            failures: core.failures.clone(),
            lane: None,
            lease: self.units.add(name, None),
            held: None,
            ahead: None,
            elsewhere: OtherCheckpoints::default(),
            at_head: false,
        };
        info!(
            { telemetry::SUBSCRIPTION } = name,
            "a read model is built anew"
        );
        core.builds().insert(name.to_owned(), status);
        Some(RunningBuild {
            stop,
            task: tokio::spawn(engine.run()),
            _control: control,
        })
    }

    /// Gives up earlier versions of projections that have caught up, where no node reads them any more.
    async fn drop_earlier_versions(&mut self) -> Result<(), ReadModelError> {
        for (name, (projection, _)) in &self.projections {
            let handle = self.core.subscriptions.get(name);
            let has_caught_up = handle.is_some_and(|handle| handle.status.borrow().been_live);
            if !has_caught_up || self.settled.contains(name) {
                continue;
            }
            let info = projection.info();
            let mut is_settled = true;
            for other in self.store.read_models(&format!("{}@", info.name)).await? {
                let version = other.rsplit_once('@').map(|(_, version)| version);
                let version =
                    version.map(|version| version.strip_suffix(INLINE_SUFFIX).unwrap_or(version));
                let version = version.and_then(|version| version.parse::<u32>().ok());
                // The same version is another, where it is inline and was not, or the reverse.
                let is_earlier = |version| match info.version == version {
                    true => other != *name,
                    false => version < info.version,
                };
                if !version.is_some_and(is_earlier) {
                    continue;
                }
                // Before the first look there is not even this node.
                let wanted = |view: &LeaseView| {
                    let mut nodes = view.nodes.iter();
                    view.nodes.is_empty() || nodes.any(|node| node.wants.contains(&other))
                };
                if wanted(&self.seen.borrow()) {
                    is_settled = false;
                    continue;
                }
                info!(
                    { telemetry::SUBSCRIPTION } = other,
                    "an earlier version is dropped"
                );
                self.store.drop_read_model(&other).await?;
            }
            if is_settled {
                self.settled.insert(name.clone());
            }
        }
        Ok(())
    }
}

impl RunningBuild {
    async fn stop(mut self, units: &LeaseUnits, name: &str) {
        self.stop.send_replace(true);
        // It ends once it has done what it is at; a panic of its own was logged.
        let _ = (&mut self.task).await;
        units.remove(name);
    }
}

impl Drop for RunningBuild {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
