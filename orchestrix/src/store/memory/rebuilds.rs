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
        let next = self.next_build(read_model);
        *self.rebuilds.entry(read_model.to_owned()).or_insert(next)
    }

    /// The number of a build whose documents are nobody's yet.
    fn next_build(&self, read_model: &str) -> u64 {
        let mut next = self.build(read_model) + 1;
        while self
            .dropped
            .contains(&Rebuild::collection(read_model, next))
        {
            next += 1;
        }
        next
    }

    pub(super) fn is_under_way(&self, read_model: &str, build: u64) -> bool {
        self.rebuilds.get(read_model) == Some(&build)
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
        if !self.is_under_way(&read_model, build) {
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
        if let Some((read_model, build)) = Rebuild::of_collection(collection) {
            if self.is_under_way(read_model, build) {
                self.give_up_build(read_model);
            }
            return;
        }
        self.give_up_build(collection);
        self.checkpoints.remove(collection);
        self.dead_letters.forget(collection);
        let build = self.build(collection);
        self.dropped.insert(Rebuild::collection(collection, build));
        // Should it come back, its documents are none of those that are being deleted.
        self.builds
            .insert(collection.to_owned(), self.next_build(collection));
    }

    /// The one that is under way, if any.
    fn give_up_build(&mut self, read_model: &str) {
        if let Some(build) = self.rebuilds.remove(read_model) {
            let collection = Rebuild::collection(read_model, build);
            self.checkpoints.remove(&collection);
            self.dead_letters.forget(&collection);
            self.dropped.insert(collection);
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
        if let Some(progress) = self.progress.get_mut(collection) {
            let streams: Vec<_> = progress.keys().take(limit - purged).cloned().collect();
            purged += streams.len();
            for stream in streams {
                progress.remove(&stream);
            }
        }
        if purged < limit {
            self.progress.remove(collection);
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
