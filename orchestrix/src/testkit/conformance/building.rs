//! A read model that is built anew, as behaviours use it.

use std::sync::Arc;
use std::time::Duration;

use super::checkpoints::at;
use super::opened::Opened;
use super::read_models::put;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::error::chain;
use crate::store::{
    CheckpointMove, DeadLetter, Fence, NodeId, ReadModelCommit, ReadModelError, ReadModelUpkeep,
    Rebuild, SwitchBuild,
};

/// So long does a lease last that is not to end during a test.
const LONG: Duration = Duration::from_secs(600);

/// A read model with the build that is read, and perhaps another one beside it.
#[derive(Debug, Clone)]
pub(super) struct Building {
    pub(super) store: Opened,
    pub(super) read_model: String,
}

/// Keys and bodies, in the order of the keys.
pub(super) type Bodies<'a> = &'a [(&'a str, &'a str)];

impl Building {
    /// One in an empty store.
    pub(super) async fn open(subject: &dyn StoreUnderTest) -> Result<Self, Violation> {
        Ok(Self {
            store: Opened::open(subject).await?,
            read_model: "balances@1".to_owned(),
        })
    }

    /// Another one in the same store.
    pub(super) fn of(&self, read_model: &str) -> Self {
        Self {
            store: self.store.clone(),
            read_model: read_model.to_owned(),
        }
    }

    /// The name under which a build is made.
    pub(super) fn collection(&self, build: u64) -> String {
        Rebuild::collection(&self.read_model, build)
    }

    /// A commit of the build that is read, which is this one.
    pub(super) fn live(
        &self,
        build: u64,
        (from, to): (u64, u64),
        documents: Bodies<'_>,
    ) -> Result<ReadModelCommit, Violation> {
        let writes = documents.iter().map(|(key, body)| put(key, body));
        Ok(ReadModelCommit {
            progress: Vec::new(),
            indexes: Vec::new(),
            checkpoint: CheckpointMove {
                build,
                ..CheckpointMove::new(&*self.read_model, at(from), at(to))
            },
            collection: self.read_model.clone(),
            writes: writes.collect::<Result<_, _>>()?,
        })
    }

    /// A commit of a build that is made beside the one that is read.
    pub(super) fn built(
        &self,
        build: u64,
        between: (u64, u64),
        documents: Bodies<'_>,
    ) -> Result<ReadModelCommit, Violation> {
        self.of(&self.collection(build)).live(0, between, documents)
    }

    /// Commits to the build that is read.
    pub(super) async fn write(
        &self,
        build: u64,
        between: (u64, u64),
        documents: Bodies<'_>,
    ) -> Result<(), Violation> {
        let commit = self.live(build, between, documents)?;
        Ok(self.store.read_models.commit(commit).await?)
    }

    /// Commits to a build that is made beside it.
    pub(super) async fn build(
        &self,
        build: u64,
        between: (u64, u64),
        documents: Bodies<'_>,
    ) -> Result<(), Violation> {
        let commit = self.built(build, between, documents)?;
        Ok(self.store.read_models.commit(commit).await?)
    }

    pub(super) async fn begin(&self) -> Result<u64, Violation> {
        let begun = self.store.read_models.begin_rebuild(&self.read_model);
        Ok(begun.await?)
    }

    pub(super) async fn try_switch(
        &self,
        build: u64,
        position: u64,
        fence: Option<Fence>,
    ) -> Result<bool, ReadModelError> {
        let switch = SwitchBuild {
            read_model: self.read_model.clone(),
            build,
            at: at(position),
            fence,
        };
        self.store.read_models.switch_build(switch).await
    }

    /// Puts a build in its place, which must be done.
    pub(super) async fn switch(&self, build: u64, position: u64) -> Result<(), Violation> {
        let switched = self.try_switch(build, position, None).await?;
        ensure_eq(
            format_args!("whether build {build} was switched"),
            switched,
            true,
        )
    }

    /// A rebuild from its beginning to its end.
    pub(super) async fn rebuild(
        &self,
        position: u64,
        documents: Bodies<'_>,
    ) -> Result<u64, Violation> {
        let build = self.begin().await?;
        self.build(build, (0, position), documents).await?;
        self.switch(build, position).await?;
        Ok(build)
    }

    /// Gives up the read model, or a build, by the name of its collection.
    pub(super) async fn drop(&self, collection: &str) -> Result<(), Violation> {
        let dropped = self.store.read_models.drop_read_model(collection);
        Ok(dropped.await?)
    }

    /// Deletes all of a dropped collection, and says how many documents that were.
    pub(super) async fn purge(&self, collection: &str, limit: usize) -> Result<u64, Violation> {
        let mut all = 0;
        loop {
            let purged = self.store.read_models.purge_dropped(collection, limit);
            let purged = purged.await?;
            let expected = format_args!("at most {limit} documents to be deleted");
            ensure(purged <= limit as u64, expected, purged)?;
            if purged == 0 {
                return Ok(all);
            }
            all += purged;
            // A store that deletes for ever is not to be waited for.
            ensure(all < 100_000, "no more to be deleted than there was", all)?;
        }
    }

    /// Deletes all of what was dropped.
    pub(super) async fn purge_all(&self) -> Result<(), Violation> {
        for collection in self.upkeep().await?.dropped {
            self.purge(&collection, 100).await?;
        }
        Ok(())
    }

    /// A fence of a lease that holds.
    pub(super) async fn fence(&self, node: &str, lease: &str) -> Result<Fence, Violation> {
        let names = [lease.to_owned()];
        let taken = self
            .store
            .read_models
            .acquire_leases(&NodeId::new(node), &names, LONG)
            .await
            .map_err(|error| Violation::new("a lease to be taken", chain(&error)))?;
        match taken.first() {
            Some(taken) => Ok(Fence {
                lease: Arc::from(lease),
                token: taken.token,
            }),
            None => Err(Violation::new("a lease", "none")),
        }
    }

    pub(super) async fn release(&self, node: &str, lease: &str) -> Result<(), Violation> {
        let (node, names) = (NodeId::new(node), [lease.to_owned()]);
        let released = self.store.read_models.release_leases(&node, &names);
        let failed = |error| Violation::new("a lease to be given back", chain(&error));
        released.await.map_err(failed)
    }

    pub(super) async fn upkeep(&self) -> Result<ReadModelUpkeep, Violation> {
        Ok(self.store.read_models.upkeep().await?)
    }
}

/// Keeps a dead letter with the commit.
pub(super) fn parking(mut commit: ReadModelCommit, letter: &DeadLetter) -> ReadModelCommit {
    commit.checkpoint.parked.push(letter.clone());
    commit
}
