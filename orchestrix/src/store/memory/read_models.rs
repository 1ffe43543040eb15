//! Documents and checkpoints.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::dead_letters::DeadLetters;
use super::documents::Documents;
use super::leases::Leases;
use crate::store::{
    CheckpointError, CheckpointMove, Document, DocumentQuery, FoundDocument, GlobalPosition,
    IndexCondition, Payload, ReadModelCommit, ReadModelError, Rebuild, StreamId, StreamVersion,
    TenantId,
};

#[derive(Debug, Default)]
pub(super) struct ReadModels {
    /// By the names of builds.
    pub(super) collections: HashMap<String, HashMap<TenantId, Documents>>,
    /// How far streams are folded, by the names of builds.
    pub(super) progress: HashMap<String, HashMap<StreamId, StreamVersion>>,
    pub(super) checkpoints: BTreeMap<String, GlobalPosition>,
    /// Of read models that were built anew.
    pub(super) builds: HashMap<String, u64>,
    /// The builds under way.
    pub(super) rebuilds: BTreeMap<String, u64>,
    pub(super) dropped: BTreeSet<String>,
    pub(super) dead_letters: DeadLetters,
    pub(super) leases: Leases,
}

impl ReadModels {
    pub(super) fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Vec<Document> {
        let documents = self.of(collection, tenant);
        documents.map_or_else(Vec::new, |documents| documents.get(keys))
    }

    pub(super) fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Vec<Document> {
        let documents = self.of(collection, tenant);
        documents.map_or_else(Vec::new, |documents| documents.scan(after, limit))
    }

    pub(super) fn query(&self, query: &DocumentQuery) -> Vec<FoundDocument> {
        let documents = self.of(&query.collection, &query.tenant);
        documents.map_or_else(Vec::new, |documents| documents.query(query))
    }

    pub(super) fn count(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> usize {
        let documents = self.of(collection, tenant);
        documents.map_or(0, |documents| documents.count(conditions))
    }

    pub(super) fn unindexed(&self, collection: &str, indexes: &[String]) -> Vec<String> {
        let collection = Rebuild::collection(collection, self.build(collection));
        let Some(tenants) = self.collections.get(&collection) else {
            return Vec::new();
        };
        let lacks = |index: &&String| tenants.values().any(|documents| documents.lack(index));
        indexes.iter().filter(lacks).cloned().collect()
    }

    pub(super) fn checkpoint(&self, name: &str) -> GlobalPosition {
        self.checkpoints.get(name).copied().unwrap_or_default()
    }

    pub(super) fn lane_checkpoints(&self, subscription: &str) -> Vec<(String, GlobalPosition)> {
        let prefix = format!("{subscription}#");
        let from = self.checkpoints.range(prefix.clone()..);
        let of_lanes = from.take_while(|(name, _)| name.starts_with(&prefix));
        of_lanes.map(|(name, at)| (name.clone(), *at)).collect()
    }

    pub(super) fn all_checkpoints(&self) -> Vec<(String, GlobalPosition)> {
        let all = self.checkpoints.iter();
        let further = all.filter(|(_, at)| **at > GlobalPosition::START);
        further.map(|(name, at)| (name.clone(), *at)).collect()
    }

    /// How often it was reset is where read models have their builds.
    pub(super) fn reset(&mut self, subscription: &str, position: GlobalPosition) -> u64 {
        let lanes = self.lane_checkpoints(subscription);
        let is_absent = !self.checkpoints.contains_key(subscription)
            && lanes.is_empty()
            && self.dead_letters.count(subscription) == 0;
        if is_absent && position == GlobalPosition::START {
            return self.build(subscription);
        }
        for (lane, _) in lanes {
            self.checkpoints.remove(&lane);
        }
        self.checkpoints.insert(subscription.to_owned(), position);
        self.dead_letters.forget(subscription);
        let resets = self.builds.entry(subscription.to_owned()).or_default();
        *resets += 1;
        *resets
    }

    /// Everything is looked at before anything is changed.
    pub(super) fn move_checkpoint(&mut self, moved: CheckpointMove) -> Result<(), CheckpointError> {
        if let Some(fence) = moved
            .fence
            .as_ref()
            .filter(|&fence| !self.leases.holds(fence))
        {
            return Err(CheckpointError::Fenced {
                subscription: moved.subscription,
                lease: fence.lease.to_string(),
            });
        }
        let build = self.build(&moved.subscription);
        if build != moved.build {
            return Err(CheckpointError::Rebuilt {
                subscription: moved.subscription,
                expected: moved.build,
                actual: build,
            });
        }
        let checkpoint = moved.checkpoint().into_owned();
        let CheckpointMove {
            subscription,
            expected,
            position,
            parked,
            settled,
            ..
        } = moved;
        let actual = self.checkpoint(&checkpoint);
        if actual != expected {
            return Err(CheckpointError::Moved {
                subscription,
                expected,
                actual,
            });
        }
        self.dead_letters.replace(&subscription, parked, &settled)?;
        self.checkpoints.insert(checkpoint, position);
        Ok(())
    }

    pub(super) fn commit(&mut self, commit: ReadModelCommit) -> Result<(), ReadModelError> {
        let bodies = commit.writes.iter().filter_map(|write| write.body.as_ref());
        if bodies.into_iter().any(Payload::is_binary) {
            return Err(ReadModelError::Failed {
                collection: commit.collection,
                source: "a document's body must be JSON".into(),
            });
        }
        commit.check_indexes()?;
        if let Some((read_model, build)) = Rebuild::of_collection(&commit.checkpoint.subscription)
            && !self.is_under_way(read_model, build)
        {
            return Err(ReadModelError::NotBuilding {
                read_model: read_model.to_owned(),
                build,
            });
        }
        // Before anything is changed.
        self.check_progress(&commit.collection, &commit.progress)?;
        self.move_checkpoint(commit.checkpoint)?;
        let indexes = commit.indexes.into();
        let collection = Rebuild::collection(&commit.collection, self.build(&commit.collection));
        for moved in &commit.progress {
            self.put_progress(&collection, moved);
        }
        let tenants = self.collections.entry(collection).or_default();
        let mut writes = commit.writes.into_iter().peekable();
        while let Some(first) = writes.next() {
            // Those of one tenant come one after the other.
            let tenant = first.tenant.clone();
            let documents = tenants.entry(tenant.clone()).or_default();
            documents.write(&indexes, first);
            while let Some(next) = writes.next_if(|next| next.tenant == tenant) {
                documents.write(&indexes, next);
            }
        }
        Ok(())
    }

    fn of(&self, collection: &str, tenant: &TenantId) -> Option<&Documents> {
        let collection = Rebuild::collection(collection, self.build(collection));
        self.collections.get(&collection)?.get(tenant)
    }
}
