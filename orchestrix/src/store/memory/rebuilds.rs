//! Builds of read models.

use super::read_models::ReadModels;
use crate::store::{
    CheckpointError, GlobalPosition, ReadModelError, ReadModelUpkeep, Rebuild, SwitchBuild,
};

impl ReadModels {
    pub(super) fn build(&self, read_model: &str) -> u64 {
        self.builds.get(read_model).copied().unwrap_or(0)
    }

    pub(super) fn begin_rebuild(&mut self, read_model: &str) -> u64 {
        let mut next = self.build(read_model) + 1;
        while self
            .dropped
            .contains(&Rebuild::collection(read_model, next))
        {
            next += 1;
        }
        *self.rebuilds.entry(read_model.to_owned()).or_insert(next)
    }

    pub(super) fn upkeep(&self) -> ReadModelUpkeep {
        let rebuilds = self.rebuilds.iter().map(|(read_model, &build)| Rebuild {
            read_model: read_model.clone(),
            build,
            position: self.checkpoint(&Rebuild::collection(read_model, build)),
        });
        ReadModelUpkeep {
            rebuilds: rebuilds.collect(),
            dropped: self.dropped.iter().cloned().collect(),
        }
    }

    pub(super) fn switch(&mut self, switch: SwitchBuild) -> Result<bool, ReadModelError> {
        let SwitchBuild {
            read_model,
            build,
            at,
            fence,
        } = switch;
        if let Some(fence) = fence.filter(|fence| !self.leases.holds(fence)) {
            let lease = fence.lease.to_string();
            let subscription = read_model;
            return Err(CheckpointError::Fenced {
                subscription,
                lease,
            }
            .into());
        }
        if self.rebuilds.get(&read_model) != Some(&build) {
            return Err(ReadModelError::NotBuilding { read_model, build });
        }
        let collection = Rebuild::collection(&read_model, build);
        let actual = self.checkpoint(&collection);
        if actual != at {
            return Err(CheckpointError::Moved {
                subscription: collection,
                expected: at,
                actual,
            }
            .into());
        }
        if self.checkpoint(&read_model) > at {
            return Ok(false);
        }
        self.rebuilds.remove(&read_model);
        self.dropped
            .insert(Rebuild::collection(&read_model, self.build(&read_model)));
        self.checkpoints.remove(&collection);
        self.checkpoints.insert(read_model.clone(), at);
        self.dead_letters.rename(&collection, &read_model);
        self.builds.insert(read_model, build);
        Ok(true)
    }

    pub(super) fn drop_read_model(&mut self, collection: &str) {
        self.checkpoints.remove(collection);
        self.dead_letters.forget(collection);
        let build = self.build(collection);
        self.dropped.insert(Rebuild::collection(collection, build));
        let known = self.rebuilds.len();
        self.rebuilds
            .retain(|read_model, build| Rebuild::collection(read_model, *build) != collection);
        if self.rebuilds.len() == known {
            // Should it come back, its documents are none of those that are being deleted.
            self.builds.insert(collection.to_owned(), build + 1);
        }
        if let Some(build) = self.rebuilds.remove(collection) {
            self.drop_read_model(&Rebuild::collection(collection, build));
        }
    }

    pub(super) fn purge(&mut self, collection: &str, limit: usize) -> u64 {
        if !self.dropped.contains(collection) {
            return 0;
        }
        let mut purged = 0;
        if let Some(tenants) = self.collections.get_mut(collection) {
            for documents in tenants.values_mut() {
                while purged < limit && documents.take_first() {
                    purged += 1;
                }
            }
        }
        if purged < limit {
            self.collections.remove(collection);
            self.dropped.remove(collection);
        }
        purged as u64
    }

    pub(super) fn names(&self, prefix: &str) -> Vec<String> {
        let from = self.checkpoints.range(prefix.to_owned()..);
        let names = from.take_while(|(name, _)| name.starts_with(prefix));
        let names = names.filter(|(_, at)| **at > GlobalPosition::START);
        names.map(|(name, _)| name.clone()).collect()
    }
}
