//! Finding out which indexes do not hold all documents of their collection.

use super::checkpoints::at;
use super::indexed::{commit_in, put_at};
use super::opened::Opened;
use super::read_models::{COLLECTION, delete, put};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{CheckpointMove, DocumentWrite, ReadModelCommit, SwitchBuild, TenantId};

/// An index lacks what was written before there was it, until that is written again or deleted.
pub async fn indexes_that_lack_documents_are_told(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    // Where there are no documents, none is lacked.
    ensure_unindexed(&store, COLLECTION, &[]).await?;
    let writes = vec![put_at("a", &[b"1"])?, put_at("b", &[b"1"])?];
    let read_models = &store.read_models;
    read_models
        .commit(commit_in(&["size"], 0, 1, writes))
        .await?;
    ensure_unindexed(&store, COLLECTION, &["weight", "colour"]).await?;
    let writes = vec![put_at("a", &[b"2", b"3"])?];
    read_models
        .commit(commit_in(&["size", "colour"], 1, 2, writes))
        .await?;
    ensure_unindexed(&store, COLLECTION, &["weight", "colour"]).await?;
    let writes = vec![delete("b"), put_at("c", &[b"", b""])?];
    read_models
        .commit(commit_in(&["size", "colour"], 2, 3, writes))
        .await?;
    ensure_unindexed(&store, COLLECTION, &["weight"]).await?;
    // One that leaves an index is lacked by it.
    let writes = vec![put_at("a", &[b"3"])?];
    read_models
        .commit(commit_in(&["colour"], 3, 4, writes))
        .await?;
    ensure_unindexed(&store, COLLECTION, &["weight", "size"]).await?;
    ensure_unindexed(&store, "another", &[]).await?;
    let none = read_models.unindexed(COLLECTION, &[]).await?;
    ensure(none.is_empty(), "none where none is asked for", none)
}

/// A document of whichever tenant is lacked.
pub async fn indexes_lack_documents_of_any_tenant(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let tenant = TenantId::new("acme")?;
    let indexed = [b"1".to_vec(), b"2".to_vec(), b"3".to_vec()];
    let of_acme = |indexes: usize| -> Result<DocumentWrite, Violation> {
        Ok(DocumentWrite {
            tenant: tenant.clone(),
            index_values: indexed[..indexes].to_vec(),
            ..put("a", "{}")?
        })
    };
    let read_models = &store.read_models;
    let writes = vec![put_at("a", &[b"1", b"2", b"3"])?];
    read_models
        .commit(commit_in(&["size", "weight", "colour"], 0, 1, writes))
        .await?;
    read_models
        .commit(commit_in(&["size"], 1, 2, vec![of_acme(1)?]))
        .await?;
    ensure_unindexed(&store, COLLECTION, &["weight", "colour"]).await?;
    read_models
        .commit(commit_in(
            &["size", "weight", "colour"],
            2,
            3,
            vec![of_acme(3)?],
        ))
        .await?;
    ensure_unindexed(&store, COLLECTION, &[]).await
}

/// A build that is under way is told of by its own name, and by that of its read model once it has taken its place.
pub async fn a_build_has_indexes_of_its_own(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let read_models = &store.read_models;
    let writes = vec![put_at("a", &[b"1"])?];
    read_models
        .commit(commit_in(&["size"], 0, 1, writes))
        .await?;
    let build = read_models.begin_rebuild(COLLECTION).await?;
    let building = format!("{COLLECTION}~{build}");
    let commit = ReadModelCommit {
        checkpoint: CheckpointMove::new(building.as_str(), at(0), at(5)),
        collection: building.clone(),
        ..commit_in(
            &["weight", "colour"],
            0,
            5,
            vec![put_at("a", &[b"1", b"2"])?],
        )
    };
    read_models.commit(commit).await?;
    ensure_unindexed(&store, COLLECTION, &["weight", "colour"]).await?;
    ensure_unindexed(&store, &building, &["size"]).await?;
    let switch = SwitchBuild {
        read_model: COLLECTION.to_owned(),
        build,
        at: at(5),
        fence: None,
    };
    let switched = read_models.switch_build(switch).await?;
    ensure(switched, "the build to take its place", switched)?;
    ensure_unindexed(&store, COLLECTION, &["size"]).await
}

/// Checks which of three indexes lack documents.
async fn ensure_unindexed(
    store: &Opened,
    collection: &str,
    expected: &[&str],
) -> Result<(), Violation> {
    let indexes = ["weight", "size", "colour"].map(str::to_owned);
    let unindexed = store.read_models.unindexed(collection, &indexes).await?;
    let what = format_args!("the indexes that lack documents of {collection}");
    ensure_eq(what, unindexed, expected)
}
