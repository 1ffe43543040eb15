//! Committing documents with the checkpoint of the projection that writes them.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::checkpoints::{at, ensure_moved};
use super::opened::Opened;
use super::polling::poll_then_drop;
use super::samples::HOSTILE_TEXTS;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{
    CheckpointMove, DocumentWrite, Payload, ReadModelCommit, ReadModelError, TenantId,
};

pub(super) const SUBSCRIPTION: &str = "balances";
pub(super) const COLLECTION: &str = "balance";

/// A commit writes its documents and moves the checkpoint; before, there is nothing.
pub async fn a_commit_writes_documents_and_checkpoint(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    ensure_checkpoint(&store, 0).await?;
    ensure_documents(&store, &[]).await?;
    store
        .read_models
        .commit(commit(0, 5, vec![put("a", "1")?, put("b", "2")?]))
        .await?;
    ensure_checkpoint(&store, 5).await?;
    ensure_documents(&store, &[("a", "1"), ("b", "2")]).await
}

/// A commit without writes moves the checkpoint.
pub async fn a_commit_without_writes_moves_the_checkpoint(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for (from, to) in [(0, 5), (5, 9), (9, 9), (9, 0)] {
        store
            .read_models
            .commit(commit(from, to, Vec::new()))
            .await?;
        ensure_checkpoint(&store, to).await?;
    }
    ensure_documents(&store, &[]).await
}

/// A commit from where the checkpoint is not is refused with both places, and changes nothing.
pub async fn a_moved_checkpoint_refuses_the_commit(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store
        .read_models
        .commit(commit(0, 5, vec![put("a", "1")?, put("b", "1")?]))
        .await?;
    for expected in [0, 4, 6] {
        let writes = vec![put("a", "2")?, delete("b"), put("c", "2")?];
        match store.read_models.commit(commit(expected, 7, writes)).await {
            Err(ReadModelError::Checkpoint(error)) => {
                ensure_moved(&error, SUBSCRIPTION, expected, 5)?
            }
            other => return Err(Violation::new("Moved", format_args!("{other:?}"))),
        }
        ensure_checkpoint(&store, 5).await?;
        ensure_documents(&store, &[("a", "1"), ("b", "1")]).await?;
    }
    Ok(())
}

/// A later commit overwrites documents, and leaves alone what it does not name.
pub async fn documents_are_overwritten(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store
        .read_models
        .commit(commit(0, 1, vec![put("a", "1")?, put("b", "1")?]))
        .await?;
    store
        .read_models
        .commit(commit(1, 2, vec![put("b", "2")?, put("c", "2")?]))
        .await?;
    ensure_documents(&store, &[("a", "1"), ("b", "2"), ("c", "2")]).await
}

/// A write without a body deletes; deleting what is absent is no error, and a deleted document can come back.
pub async fn documents_are_deleted(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store
        .read_models
        .commit(commit(0, 1, vec![put("a", "1")?, put("b", "1")?]))
        .await?;
    store
        .read_models
        .commit(commit(1, 2, vec![delete("a"), delete("never")]))
        .await?;
    ensure_documents(&store, &[("b", "1")]).await?;
    store
        .read_models
        .commit(commit(2, 3, vec![put("a", "3")?]))
        .await?;
    ensure_documents(&store, &[("a", "3"), ("b", "1")]).await
}

/// Each projection has a checkpoint of its own.
pub async fn projections_have_their_own_checkpoints(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for (name, position) in HOSTILE_TEXTS.iter().zip(1..) {
        let commit = ReadModelCommit {
            checkpoint: CheckpointMove::new(*name, at(0), at(position)),
            ..commit(0, position, Vec::new())
        };
        store.read_models.commit(commit).await?;
    }
    for (name, position) in HOSTILE_TEXTS.iter().zip(1..) {
        let found = store.read_models.read_model_checkpoint(name).await?;
        ensure_eq(
            format_args!("the checkpoint of {name:?}"),
            found,
            at(position),
        )?;
    }
    Ok(())
}

/// Of many that commit from the same place at once, one wins, with all of its documents and none of the others'.
pub async fn one_of_many_committers_wins(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    const COMMITTERS: u64 = 8;
    let store = Opened::open(subject).await?;
    let mut from = 0;
    for round in 1..=5 {
        let start = Arc::new(Barrier::new(COMMITTERS as usize));
        let mut committers = JoinSet::new();
        for committer in 1..=COMMITTERS {
            let (read_models, start) = (store.read_models.clone(), start.clone());
            let to = round * 100 + committer;
            let writes = vec![put("a", &to.to_string())?, put("b", &to.to_string())?];
            committers.spawn(async move {
                start.wait().await;
                (to, read_models.commit(commit(from, to, writes)).await)
            });
        }
        let outcomes = committers.join_all().await;
        let winners: Vec<u64> = outcomes
            .iter()
            .filter(|(_, o)| o.is_ok())
            .map(|(to, _)| *to)
            .collect();
        ensure(winners.len() == 1, "one winner", &outcomes)?;
        for (_, outcome) in outcomes {
            match outcome {
                Err(ReadModelError::Checkpoint(error)) => {
                    ensure_moved(&error, SUBSCRIPTION, from, winners[0])?;
                }
                Ok(()) => {}
                Err(other) => return Err(other.into()),
            }
        }
        ensure_checkpoint(&store, winners[0]).await?;
        let body = winners[0].to_string();
        ensure_documents(&store, &[("a", &body), ("b", &body)]).await?;
        from = winners[0];
    }
    Ok(())
}

/// A commit whose future is dropped is there whole, with documents and checkpoint, or not at all.
pub async fn a_dropped_commit_is_whole_or_absent(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut stored = String::from("0");
    store
        .read_models
        .commit(commit(0, 1, vec![put("a", "0")?, put("b", "0")?]))
        .await?;
    for from in 1..=30 {
        let body = from.to_string();
        let dropped = commit(from, from + 1, vec![put("a", &body)?, put("b", &body)?]);
        poll_then_drop(store.read_models.commit(dropped), from as usize).await;
        // Whoever commits next from the same place learns whether the dropped one was before, and bars it if not.
        match store
            .read_models
            .commit(commit(from, from + 1, vec![put("c", &body)?]))
            .await
        {
            Ok(()) => {}
            Err(ReadModelError::Checkpoint(error)) => {
                ensure_moved(&error, SUBSCRIPTION, from, from + 1)?;
                stored.clone_from(&body);
            }
            Err(error) => return Err(error.into()),
        }
        ensure_checkpoint(&store, from + 1).await?;
        let found = store
            .read_models
            .scan(COLLECTION, &TenantId::default(), None, 2)
            .await?;
        let found: Vec<_> = found
            .iter()
            .map(|d| (d.key.as_str(), d.body.as_json().unwrap_or_default()))
            .collect();
        ensure_eq(
            "the documents",
            found,
            vec![("a", stored.as_str()), ("b", stored.as_str())],
        )?;
    }
    Ok(())
}

/// A commit for [`SUBSCRIPTION`] and [`COLLECTION`].
pub(super) fn commit(expected: u64, position: u64, writes: Vec<DocumentWrite>) -> ReadModelCommit {
    ReadModelCommit {
        progress: Vec::new(),
        checkpoint: CheckpointMove::new(SUBSCRIPTION, at(expected), at(position)),
        collection: COLLECTION.to_owned(),
        indexes: Vec::new(),
        writes,
    }
}

/// Writes a document of the default tenant.
pub(super) fn put(key: &str, body: &str) -> Result<DocumentWrite, Violation> {
    Ok(DocumentWrite {
        tenant: TenantId::default(),
        key: key.to_owned(),
        body: Some(Payload::from_json_text(body)?),
        index_values: Vec::new(),
    })
}

/// Deletes a document of the default tenant.
pub(super) fn delete(key: &str) -> DocumentWrite {
    DocumentWrite {
        tenant: TenantId::default(),
        key: key.to_owned(),
        body: None,
        index_values: Vec::new(),
    }
}

/// Checks the checkpoint of [`SUBSCRIPTION`].
pub(super) async fn ensure_checkpoint(store: &Opened, expected: u64) -> Result<(), Violation> {
    let found = store
        .read_models
        .read_model_checkpoint(SUBSCRIPTION)
        .await?;
    ensure_eq("the projection's checkpoint", found, at(expected))
}

/// Checks all documents of [`COLLECTION`], as keys and bodies in the order of the keys.
pub(super) async fn ensure_documents(
    store: &Opened,
    expected: &[(&str, &str)],
) -> Result<(), Violation> {
    let found = store
        .read_models
        .scan(COLLECTION, &TenantId::default(), None, 1_000)
        .await?;
    let found: Vec<_> = found
        .iter()
        .map(|d| (d.key.as_str(), d.body.as_json().unwrap_or_default()))
        .collect();
    ensure_eq("the documents", found, expected)
}
