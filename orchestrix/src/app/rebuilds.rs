//! Building read models anew while they are read.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{App, Core};
use crate::backoff::Backoff;
use crate::store::{GlobalPosition, ReadModelError, Rebuild};
use crate::subscription::{SubscriptionState, UnknownSubscription};

/// How soon it is looked again whether a build has taken its place, at first and at last.
const LOOKS: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(250)];

/// A read model that is being built anew.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RebuildStatus {
    /// Its subscription's name.
    pub subscription: String,
    /// The number of the build.
    pub build: u64,
    /// How far its checkpoint has come, on whichever node.
    pub position: GlobalPosition,
    /// What it is doing, where this app takes part in it.
    pub state: Option<SubscriptionState>,
}

/// A read model that is being built anew, to wait for.
#[derive(Debug, Clone)]
pub struct RunningRebuild {
    core: Arc<Core>,
    subscription: String,
    build: u64,
}

/// Why a read model is not built anew.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// The app has no such subscription.
    #[error(transparent)]
    Unknown(#[from] UnknownSubscription),
    /// It is an event handler: it has no documents to build.
    #[error("subscription `{subscription}` is no projection, and has nothing to build anew")]
    NoProjection {
        /// Which.
        subscription: String,
    },
    /// It writes tables of its own, and only it knows how to make others beside them.
    #[error(
        "projection `{subscription}` writes tables of its own, which cannot be built anew beside the old ones: empty \
         them with `reset_projection`, or give the projection a new version"
    )]
    OwnTables {
        /// Which.
        subscription: String,
    },
    /// Somebody gave it up.
    #[error("build {build} of read model `{subscription}` was given up")]
    GivenUp {
        /// Which.
        subscription: String,
        /// Which build.
        build: u64,
    },
    /// It has not taken its place in time; it goes on.
    #[error(
        "build {build} of read model `{subscription}` has not taken its place after {limit:?}: it is at position {position}{}",
        state.as_ref().map(|state| format!(" ({state})")).unwrap_or_default()
    )]
    Late {
        /// Which.
        subscription: String,
        /// Which build.
        build: u64,
        /// How far it is.
        position: GlobalPosition,
        /// What it is doing, where that is known.
        state: Option<SubscriptionState>,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] ReadModelError),
}

impl App {
    /// Builds a projection's documents anew from all events, beside the ones that are read: queries are answered from these
    /// until the new ones have caught up and take their place, at once for all nodes. Any of the nodes builds; should it
    /// die, another goes on. While a build is under way, asking again gives that one.
    ///
    /// Failures are dealt with as the projection's [`Delivery`](crate::subscription::Delivery) says; the build's dead letters
    /// become the projection's, in place of its own. A subscription that has halted goes on with the new documents once it
    /// is [resumed](App::resume_subscription).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use orchestrix::prelude::*;
    /// # #[derive(Event, Serialize, Deserialize)] struct Counted { counter: u32 }
    /// # #[derive(Default, Serialize, Deserialize)] struct Total { events: u32 }
    /// # #[projection(key = counter)] impl Total {
    /// #     #[apply] fn counted(&mut self, _: &Counted) { self.events += 1 }
    /// # }
    /// # #[module(projections(Total))] struct Counting;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = Orchestrix::builder().isolated().store(MemoryStore::new()).module(Counting).start().await?;
    /// let rebuild = app.rebuild("total@1").await?;
    /// rebuild.switched(Duration::from_secs(60)).await?;
    /// assert!(app.rebuilds().await?.is_empty());
    /// # Ok(app.shutdown().await?) }
    /// ```
    ///
    /// # Errors
    /// [`RebuildError`].
    pub async fn rebuild(&self, subscription: &str) -> Result<RunningRebuild, RebuildError> {
        self.core.projection(subscription)?;
        let store = &self.core.ports.read_models;
        let build = self.core.kept_up(store.begin_rebuild(subscription)).await?;
        self.core.upkeep.notify_one();
        Ok(RunningRebuild {
            core: self.core.clone(),
            subscription: subscription.to_owned(),
            build,
        })
    }

    /// What is being built anew, on any node, by name.
    ///
    /// # Errors
    /// [`RebuildError::Store`].
    pub async fn rebuilds(&self) -> Result<Vec<RebuildStatus>, RebuildError> {
        let upkeep = self.core.kept_up(self.core.ports.read_models.upkeep());
        let rebuilds = upkeep.await?.rebuilds.into_iter();
        Ok(rebuilds
            .map(|rebuild| self.core.status_of(rebuild))
            .collect())
    }

    /// Gives up what [`rebuild`](App::rebuild) began: the documents that are read stay as they are. Does nothing where none
    /// is under way.
    ///
    /// # Errors
    /// [`RebuildError`].
    pub async fn cancel_rebuild(&self, subscription: &str) -> Result<(), RebuildError> {
        self.core.projection(subscription)?;
        let store = &self.core.ports.read_models;
        let under_way = self.core.kept_up(store.upkeep()).await?.rebuilds;
        if let Some(rebuild) = under_way
            .into_iter()
            .find(|each| each.read_model == subscription)
        {
            let collection = Rebuild::collection(subscription, rebuild.build);
            self.core
                .kept_up(store.drop_read_model(&collection))
                .await?;
            self.core.upkeep.notify_one();
        }
        Ok(())
    }
}

impl RunningRebuild {
    /// The number of the build.
    pub fn build(&self) -> u64 {
        self.build
    }

    /// Waits until the new documents are those that are read.
    ///
    /// # Errors
    /// [`RebuildError`]: [`Late`](RebuildError::Late) after the limit.
    pub async fn switched(&self, limit: Duration) -> Result<(), RebuildError> {
        let store = &self.core.ports.read_models;
        let began = Instant::now();
        let mut looks = Backoff::new(LOOKS[0], LOOKS[1]);
        loop {
            let current = store.read_model_build(&self.subscription);
            if self.core.kept_up(current).await? >= self.build {
                return Ok(());
            }
            let under_way = self.core.kept_up(store.upkeep()).await?.rebuilds;
            let mine = under_way
                .into_iter()
                .find(|each| each.read_model == self.subscription && each.build == self.build);
            let Some(rebuild) = mine else {
                // It may have switched between the two looks.
                let current = store.read_model_build(&self.subscription);
                if self.core.kept_up(current).await? >= self.build {
                    return Ok(());
                }
                return Err(RebuildError::GivenUp {
                    subscription: self.subscription.clone(),
                    build: self.build,
                });
            };
            let left = limit.saturating_sub(began.elapsed());
            if left.is_zero() {
                let status = self.core.status_of(rebuild);
                return Err(RebuildError::Late {
                    subscription: status.subscription,
                    build: status.build,
                    position: status.position,
                    state: status.state,
                    limit,
                });
            }
            sleep(looks.next().min(left)).await;
        }
    }
}

impl Core {
    /// Whether it is a projection of this app.
    fn projection(&self, subscription: &str) -> Result<(), RebuildError> {
        let handle = self.subscription(subscription)?;
        if handle.tables().is_some() {
            return Err(RebuildError::OwnTables {
                subscription: subscription.to_owned(),
            });
        }
        match handle.is_projection() {
            true => Ok(()),
            false => Err(RebuildError::NoProjection {
                subscription: subscription.to_owned(),
            }),
        }
    }

    fn status_of(&self, rebuild: Rebuild) -> RebuildStatus {
        let collection = Rebuild::collection(&rebuild.read_model, rebuild.build);
        let builds = self.builds();
        let here = builds.get(&collection);
        RebuildStatus {
            state: here.map(|status| status.borrow().state.clone()),
            subscription: rebuild.read_model,
            build: rebuild.build,
            position: rebuild.position,
        }
    }

    /// The store's answer, within the app's limit.
    async fn kept_up<T>(
        &self,
        answer: impl Future<Output = Result<T, ReadModelError>>,
    ) -> Result<T, ReadModelError> {
        let limit = self.config.view_timeout;
        let late = || ReadModelError::Unavailable {
            collection: "all".to_owned(),
            source: format!("no answer within {limit:?}").into(),
        };
        tokio::time::timeout(limit, answer)
            .await
            .unwrap_or_else(|_| Err(late()))
    }
}
