//! Commits of read models that appends write to, too.

use super::checkpoints::at;
use super::inlining::Inlining;
use super::parking::Parking;
use super::samples::{HOSTILE_TEXTS, stream, stream_of};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{DeadLetterSelection, ReadModelError, StreamId, StreamVersion};

/// A commit moves the progress of its streams with its documents and its checkpoint.
pub async fn a_commit_moves_progress(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let [a, b, c] = [stream("a")?, stream("b")?, stream("c")?];
    let first = [(&b, 0, 1, Some("1")), (&a, 0, 5, Some("2"))];
    let commit = balances.commit(0, (0, 6), &first)?;
    balances.store.read_models.commit(commit).await?;
    balances.ensure(&a, 5, Some("2")).await?;
    balances.ensure(&b, 1, Some("1")).await?;
    balances.ensure(&c, 0, None).await?;
    let second = [(&c, 0, 2, Some("3")), (&a, 5, 6, None)];
    let commit = balances.commit(0, (6, 9), &second)?;
    balances.store.read_models.commit(commit).await?;
    balances.ensure(&a, 6, None).await?;
    balances.ensure(&c, 2, Some("3")).await?;
    // In the order in which they are asked for, also twice.
    let read_models = &balances.store.read_models;
    let streams = [c.clone(), a.clone(), stream("d")?, c, b];
    let found = read_models.stream_progress(&balances.read_model, &streams);
    let expected = [2, 6, 0, 2, 1].map(StreamVersion::new);
    ensure_eq("how far the streams are", found.await?, expected)?;
    let none = read_models.stream_progress(&balances.read_model, &[]);
    ensure_eq("how far no streams are", none.await?, Vec::new())
}

/// Where the progress of one stream is elsewhere, nothing of the commit is done.
pub async fn a_moved_progress_refuses_the_commit(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let (a, b) = (stream("a")?, stream("b")?);
    // Appends have folded events.
    balances.step(&a, 0, Some("1")).await?;
    balances.step(&a, 1, Some("2")).await?;
    for from in [0, 1, 3] {
        let moves = [(&b, 0, 1, Some("9")), (&a, from, 4, Some("9"))];
        let mut commit = balances.commit(0, (0, 5), &moves)?;
        if from == 1 {
            let parked = Parking::over(&balances.store)[1].of(&balances.read_model);
            commit.checkpoint.parked.push(parked.failed(3, "a")?);
        }
        match balances.store.read_models.commit(commit).await {
            Err(ReadModelError::ProgressMoved { collection, stream }) => {
                ensure_eq("the read model", &collection, &balances.read_model)?;
                ensure_eq("the stream", &stream, &a)?;
            }
            other => return Err(Violation::new("ProgressMoved", format_args!("{other:?}"))),
        }
        balances.ensure(&a, 2, Some("2")).await?;
        balances.ensure(&b, 0, None).await?;
        let name = &balances.read_model;
        let found = balances.store.read_models.read_model_checkpoint(name);
        ensure_eq("the checkpoint", found.await?, at(0))?;
        let all = DeadLetterSelection::All;
        let letters = balances
            .store
            .read_models
            .dead_letters(name, &all, at(0), 10);
        ensure(letters.await?.is_empty(), "no dead letters", "some")?;
    }
    let moves = [(&b, 0, 1, Some("3")), (&a, 2, 4, Some("3"))];
    let mut commit = balances.commit(0, (0, 5), &moves)?;
    let parked = Parking::over(&balances.store)[1].of(&balances.read_model);
    commit.checkpoint.parked.push(parked.failed(3, "a")?);
    balances.store.read_models.commit(commit).await?;
    balances.ensure(&a, 4, Some("3")).await?;
    balances.ensure(&b, 1, Some("3")).await
}

/// Progress is kept apart by read model, tenant and stream, whatever their names are.
pub async fn progress_is_apart_by_name(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let others = ["Balances@1+inline", "balances@1", "balances"].map(|name| balances.of(name));
    let streams = HOSTILE_TEXTS.iter().map(|text| stream(text));
    let mut streams: Vec<StreamId> = streams.collect::<Result<_, _>>()?;
    for tenant in ["acme", "ACME", "'"] {
        streams.push(stream_of(tenant, "x")?);
    }
    let moves: Vec<_> = streams
        .iter()
        .zip(1..)
        .map(|(stream, n)| (stream, 0, n, None))
        .collect();
    let commit = balances.commit(0, (0, 1), &moves)?;
    balances.store.read_models.commit(commit).await?;
    let read_models = &balances.store.read_models;
    let found = read_models.stream_progress(&balances.read_model, &streams);
    let expected: Vec<_> = (1..).take(streams.len()).map(StreamVersion::new).collect();
    ensure_eq("how far the streams are", found.await?, expected)?;
    for other in others {
        let found = read_models.stream_progress(&other.read_model, &streams);
        let expected = vec![StreamVersion::NONE; streams.len()];
        let found = found.await?;
        let what = format!("how far the streams are in {}", other.read_model);
        ensure_eq(what, found, expected)?;
    }
    Ok(())
}
