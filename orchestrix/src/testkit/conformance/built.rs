//! What is checked about a read model that is built anew.

use std::fmt::Debug;

use super::building::{Bodies, Building};
use super::checkpoints::at;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{CheckpointError, ReadModelError, Rebuild, TenantId};

impl Building {
    /// Checks what is being built, as builds and their positions, and what is to be deleted.
    pub(super) async fn ensure_upkeep(
        &self,
        rebuilds: &[(&str, u64, u64)],
        dropped: &[&str],
    ) -> Result<(), Violation> {
        let found = self.upkeep().await?;
        let expected = rebuilds
            .iter()
            .map(|&(read_model, build, position)| Rebuild {
                read_model: read_model.to_owned(),
                build,
                position: at(position),
            });
        let expected: Vec<_> = expected.collect();
        ensure_eq("what is being built", found.rebuilds, expected)?;
        let mut found = found.dropped;
        found.sort();
        ensure_eq("what is to be deleted", found, dropped)
    }

    /// Checks what is read: which build, its checkpoint and its documents.
    pub(super) async fn ensure_live(
        &self,
        build: u64,
        position: u64,
        documents: Bodies<'_>,
    ) -> Result<(), Violation> {
        let found = self.store.read_models.read_model_build(&self.read_model);
        let (found, name) = (found.await?, &self.read_model);
        ensure_eq(format_args!("the build of {name}"), found, build)?;
        self.ensure_at(position).await?;
        self.ensure_documents(&TenantId::default(), documents).await
    }

    pub(super) async fn ensure_at(&self, position: u64) -> Result<(), Violation> {
        let found = self
            .store
            .read_models
            .read_model_checkpoint(&self.read_model);
        let (found, name) = (found.await?, &self.read_model);
        let what = format_args!("the checkpoint of {name}");
        ensure_eq(what, found, at(position))
    }

    /// Checks all documents, by both calls that read them.
    pub(super) async fn ensure_documents(
        &self,
        tenant: &TenantId,
        expected: Bodies<'_>,
    ) -> Result<(), Violation> {
        let (name, read_models) = (&*self.read_model, &self.store.read_models);
        let scanned = read_models.scan(name, tenant, None, 10_000).await?;
        let bodies: Vec<_> = scanned
            .iter()
            .map(|document| (&*document.key, document.body.as_json().unwrap_or_default()))
            .collect();
        ensure_eq(format_args!("the documents of {name}"), bodies, expected)?;
        // Those that are not there are asked for, too.
        let keys: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let mut found = read_models.documents(name, tenant, &keys).await?;
        found.sort_by(|one, other| one.key.cmp(&other.key));
        let bodies: Vec<_> = found
            .iter()
            .map(|document| (&*document.key, document.body.as_json().unwrap_or_default()))
            .collect();
        let asked = expected.iter().copied();
        let asked: Vec<_> = asked.filter(|(key, _)| key.len() == 1).collect();
        ensure_eq(format_args!("documents of {name} by key"), bodies, asked)
    }
}

/// Checks that a commit was refused because the read model was built anew.
pub(super) fn ensure_rebuilt(
    outcome: &Result<(), CheckpointError>,
    name: &str,
    (expected, actual): (u64, u64),
) -> Result<(), Violation> {
    let told = match outcome {
        Err(CheckpointError::Rebuilt {
            subscription,
            expected: e,
            actual: a,
        }) => subscription == name && (*e, *a) == (expected, actual),
        _ => false,
    };
    let expected = format_args!("Rebuilt for {name}: build {actual}, not {expected}");
    ensure(told, expected, outcome)
}

/// Checks that there is no such build to switch or to write to.
pub(super) fn ensure_not_building<T: Debug>(
    outcome: &Result<T, ReadModelError>,
    name: &str,
    number: u64,
) -> Result<(), Violation> {
    let told = match outcome {
        Err(ReadModelError::NotBuilding { read_model, build }) => {
            read_model == name && *build == number
        }
        _ => false,
    };
    ensure(
        told,
        format_args!("NotBuilding for build {number} of {name}"),
        outcome,
    )
}
