//! Keeping the places of documents in indexes.

use super::checkpoints::at;
use super::indexed::{all_in, asking, commit_in, condition, keys, order, put_at};
use super::opened::Opened;
use super::read_models::{COLLECTION, SUBSCRIPTION, delete, ensure_checkpoint};
use super::samples::{HOSTILE_TEXTS, NOON};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::message::MessageId;
use crate::store::{
    CheckpointMove, DeadLetter, DocumentQuery, DocumentWrite, GlobalPosition, IndexRange,
    ReadModelCommit, ReadModelError, StreamId, StreamVersion, TenantId,
};

/// Checks which documents are at a place of an index, and that queries by all of the index agree.
async fn ensure_at(
    store: &Opened,
    index: &str,
    place: &[u8],
    expected: &[&str],
) -> Result<(), Violation> {
    let only = condition(index, IndexRange::OneOf(vec![place.to_vec()]));
    let found = keys(store, asking(vec![only], order(None, false))).await?;
    ensure_eq(format_args!("what is at {place:?}"), &found[..], expected)?;
    let all = DocumentQuery {
        conditions: Vec::new(),
        ..asking(Vec::new(), order(Some(index), false))
    };
    let found = store.read_models.query_documents(all).await?;
    let found: Vec<_> = found
        .iter()
        .filter(|found| found.value == place)
        .map(|found| found.document.key.as_str())
        .collect();
    ensure_eq(
        format_args!("what is ordered at {place:?}"),
        found,
        expected,
    )
}

/// A document that is written again has its new places only; one that is deleted has none, and can come back.
pub async fn places_move_with_their_documents(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let writes = vec![put_at("a", &[b"1"])?, put_at("b", &[b"1"])?];
    store
        .read_models
        .commit(commit_in(&["size"], 0, 1, writes))
        .await?;
    ensure_at(&store, "size", b"1", &["a", "b"]).await?;
    let writes = vec![put_at("a", &[b"2"])?, delete("b"), delete("never")];
    store
        .read_models
        .commit(commit_in(&["size"], 1, 2, writes))
        .await?;
    ensure_at(&store, "size", b"1", &[]).await?;
    ensure_at(&store, "size", b"2", &["a"]).await?;
    // The same again, where nothing moves.
    let writes = vec![put_at("a", &[b"2"])?, put_at("b", &[b"1"])?];
    store
        .read_models
        .commit(commit_in(&["size"], 2, 3, writes))
        .await?;
    ensure_at(&store, "size", b"1", &["b"]).await?;
    ensure_at(&store, "size", b"2", &["a"]).await
}

/// A document that is written leaves the indexes that the commit does not name; others stay in them.
pub async fn documents_leave_indexes(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let writes = vec![put_at("a", &[b"1", b"2"])?, put_at("b", &[b"1", b"2"])?];
    store
        .read_models
        .commit(commit_in(&["size", "colour"], 0, 1, writes))
        .await?;
    let writes = vec![put_at("a", &[b"3", b"4"])?];
    store
        .read_models
        .commit(commit_in(&["weight", "size"], 1, 2, writes))
        .await?;
    ensure_eq(
        "in colour",
        keys(&store, all_in("colour")).await?,
        vec!["b"],
    )?;
    ensure_eq(
        "in weight",
        keys(&store, all_in("weight")).await?,
        vec!["a"],
    )?;
    ensure_at(&store, "size", b"1", &["b"]).await?;
    ensure_at(&store, "size", b"4", &["a"]).await
}

/// What has no place in an index is not found by it: documents that were written without indexes, and those in others.
pub async fn documents_without_a_place_are_not_found(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store
        .read_models
        .commit(commit_in(&["size"], 0, 1, vec![put_at("a", &[b"1"])?]))
        .await?;
    store
        .read_models
        .commit(commit_in(&["colour"], 1, 2, vec![put_at("b", &[b"1"])?]))
        .await?;
    store
        .read_models
        .commit(commit_in(&[], 2, 3, vec![put_at("c", &[])?]))
        .await?;
    ensure_eq("in size", keys(&store, all_in("size")).await?, vec!["a"])?;
    let by_colour = asking(Vec::new(), order(Some("colour"), true));
    ensure_eq("by colour", keys(&store, by_colour).await?, vec!["b"])?;
    ensure_eq(
        "in weight",
        keys(&store, all_in("weight")).await?,
        Vec::<&str>::new(),
    )?;
    let by_key = asking(Vec::new(), order(None, false));
    ensure_eq("all", keys(&store, by_key).await?, vec!["a", "b", "c"])
}

/// A commit whose documents have more or fewer places than it has indexes, or that names an index twice, is refused, with
/// no change.
pub async fn a_commit_that_does_not_fit_its_indexes_is_refused(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let placed_and_deleted = DocumentWrite {
        index_values: vec![b"1".to_vec()],
        ..delete("b")
    };
    let commits = [
        (&["size"][..], put_at("b", &[])?),
        (&["size"], put_at("b", &[b"1", b"2"])?),
        (&["size"], placed_and_deleted),
        (&[], put_at("b", &[b"1"])?),
        (&["size", "size"], put_at("b", &[b"1", b"2"])?),
    ];
    for (indexes, unfit) in commits {
        let places = vec![b"1".to_vec(); indexes.len()];
        let places: Vec<_> = places.iter().map(Vec::as_slice).collect();
        let writes = vec![put_at("a", &places)?, unfit];
        let refused = store
            .read_models
            .commit(commit_in(indexes, 0, 1, writes))
            .await;
        let failed = matches!(refused, Err(ReadModelError::Failed { .. }));
        ensure(failed, "Failed", &refused)?;
        ensure_checkpoint(&store, 0).await?;
        let all = asking(Vec::new(), order(None, false));
        ensure_eq("all", keys(&store, all).await?, Vec::<&str>::new())?;
    }
    Ok(())
}

/// A commit from where the checkpoint is not moves no places.
pub async fn a_refused_commit_moves_no_places(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let writes = vec![put_at("a", &[b"1"])?, put_at("b", &[b"1"])?];
    store
        .read_models
        .commit(commit_in(&["size"], 0, 5, writes))
        .await?;
    let writes = vec![put_at("a", &[b"2"])?, delete("b"), put_at("c", &[b"1"])?];
    let refused = store
        .read_models
        .commit(commit_in(&["size"], 0, 7, writes))
        .await;
    let moved = matches!(refused, Err(ReadModelError::Checkpoint(_)));
    ensure(moved, "Moved", &refused)?;
    ensure_at(&store, "size", b"1", &["a", "b"]).await?;
    ensure_eq(
        "in size",
        keys(&store, all_in("size")).await?,
        vec!["a", "b"],
    )
}

/// Dead letters in a commit change nothing about its places.
pub async fn places_move_beside_dead_letters(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let writes = vec![put_at("a", &[b"1"])?, put_at("b", &[b"1"])?];
    let letter = DeadLetter {
        subscription: SUBSCRIPTION.to_owned(),
        position: at(1),
        stream: StreamId::new("thing", "1")?,
        version: StreamVersion::FIRST,
        event_id: MessageId::new(),
        event_type: "Happened".to_owned(),
        attempts: 1,
        error: None,
        parked_at: NOON,
        failed_at: None,
        request: None,
    };
    let moved = CheckpointMove::new(SUBSCRIPTION, at(0), at(1));
    let commit = ReadModelCommit {
        checkpoint: CheckpointMove {
            parked: vec![letter],
            ..moved
        },
        ..commit_in(&["size"], 0, 1, writes)
    };
    store.read_models.commit(commit).await?;
    ensure_at(&store, "size", b"1", &["a", "b"]).await?;
    let moved = CheckpointMove::new(SUBSCRIPTION, at(1), at(2));
    let commit = ReadModelCommit {
        checkpoint: CheckpointMove {
            settled: vec![at(1)],
            ..moved
        },
        ..commit_in(&["size"], 1, 2, vec![put_at("a", &[b"2"])?, delete("b")])
    };
    store.read_models.commit(commit).await?;
    ensure_at(&store, "size", b"2", &["a"]).await?;
    ensure_at(&store, "size", b"1", &[]).await
}

/// Places are apart by tenant, by collection, and by the name of the index, whatever letters are in it.
pub async fn places_are_apart(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let other = TenantId::new("acme")?;
    let here = put_at("a", &[b"1"])?;
    let there = DocumentWrite {
        tenant: other.clone(),
        ..put_at("a", &[b"2"])?
    };
    let writes = vec![here, there];
    store
        .read_models
        .commit(commit_in(&["size"], 0, 1, writes))
        .await?;
    let elsewhere = ReadModelCommit {
        collection: "other".to_owned(),
        ..commit_in(&["size"], 1, 2, vec![put_at("b", &[b"1"])?])
    };
    store.read_models.commit(elsewhere).await?;
    ensure_at(&store, "size", b"1", &["a"]).await?;
    ensure_at(&store, "size", b"2", &[]).await?;
    for (tenant, collection, expected) in [
        (TenantId::default(), COLLECTION, 1),
        (other, COLLECTION, 1),
        (TenantId::default(), "other", 1),
        (TenantId::new("Acme")?, COLLECTION, 0),
        (TenantId::default(), "Other", 0),
    ] {
        let conditions = all_in("size").conditions;
        let count = store
            .read_models
            .count_documents(collection, &tenant, &conditions)
            .await?;
        ensure_eq(format_args!("in {collection} of {tenant}"), count, expected)?;
    }
    let values: Vec<Vec<u8>> = (0..HOSTILE_TEXTS.len() as u8).map(|n| vec![n]).collect();
    let places: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    let commit = commit_in(HOSTILE_TEXTS, 2, 3, vec![put_at("c", &places)?]);
    store.read_models.commit(commit).await?;
    for (index, place) in HOSTILE_TEXTS.iter().zip(places) {
        ensure_at(&store, index, place, &["c"]).await?;
    }
    Ok(())
}

/// A thousand documents with their places in one commit, and again.
pub async fn a_thousand_documents_are_indexed_in_one_commit(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for round in 0..2_u64 {
        let place = |n: u64| ((n * 7 + round) % 1_000).to_be_bytes();
        let writes: Result<Vec<_>, _> = (0..1_000)
            .map(|n| put_at(&format!("{n:04}"), &[&place(n), &[n as u8]]))
            .collect();
        store
            .read_models
            .commit(commit_in(&["size", "colour"], round, round + 1, writes?))
            .await?;
        let mut expected: Vec<_> = (0..1_000).map(|n| (place(n), format!("{n:04}"))).collect();
        expected.sort();
        let expected: Vec<_> = expected.into_iter().map(|(_, key)| key).collect();
        let found = keys(&store, asking(Vec::new(), order(Some("size"), false))).await?;
        ensure_eq("all in order", found, expected)?;
    }
    Ok(())
}

/// Places are there after the store is opened again.
pub async fn reopening_keeps_places(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let writes = vec![put_at("a", &[b"1"])?, put_at("b", &[b"2"])?];
    store
        .read_models
        .commit(commit_in(&["size"], 0, 1, writes))
        .await?;
    store.close().await?;
    let store = Opened::open(subject).await?;
    let found = store
        .read_models
        .read_model_checkpoint(SUBSCRIPTION)
        .await?;
    ensure_eq("the checkpoint", found, GlobalPosition::new(1))?;
    ensure_at(&store, "size", b"1", &["a"]).await?;
    ensure_at(&store, "size", b"2", &["b"]).await
}
