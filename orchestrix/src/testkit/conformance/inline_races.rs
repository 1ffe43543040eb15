//! Appends and subscriptions that write the same documents at once.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::inlining::Inlining;
use super::polling::{at_full_length, poll_then_drop};
use super::samples::{some, stream};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure};
use crate::store::{AppendError, InlinePlace, ReadModelError, StreamVersion};

/// Of an append and a commit that fold the same event at once, one is refused.
pub async fn an_append_or_a_commit_folds_an_event(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let mut position = 0;
    for round in 0..at_full_length(50) {
        let stream = stream(&format!("s{round}"))?;
        balances.step(&stream, 0, Some("1")).await?;
        // It is folded by whoever comes first.
        balances.store.append(some(&stream, 1)?).await?;
        let append = balances
            .append(&stream, 2, None)?
            .with_inline(balances.writes(&stream, 1, Some("3"))?);
        let commit = balances.commit(0, (position, position + 1), &[(&stream, 1, 2, Some("2"))])?;
        let start = Arc::new(Barrier::new(2));
        let (store, begin) = (balances.store.clone(), start.clone());
        let append = tokio::spawn(async move {
            begin.wait().await;
            store.try_append(append).await
        });
        start.wait().await;
        let committed = balances.store.read_models.commit(commit).await;
        let appended = append.await;
        let appended = appended.map_err(|error| Violation::new("no panic", error))??;
        match (appended, committed) {
            (Ok(_), Err(ReadModelError::ProgressMoved { .. })) => {
                balances.ensure(&stream, 3, Some("3")).await?;
            }
            (Err(AppendError::ReadModelMoved { .. }), Ok(())) => {
                position += 1;
                balances.ensure(&stream, 2, Some("2")).await?;
            }
            other => {
                let found = format_args!("{other:?}");
                return Err(Violation::new("one of them to be refused", found));
            }
        }
    }
    Ok(())
}

/// Who sees an event in its stream sees it in the document.
pub async fn documents_are_never_behind_their_events(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    let a = stream("a")?;
    let events = at_full_length(200) as u64;
    let (writing, of) = (balances.clone(), a.clone());
    let mut writer = JoinSet::new();
    writer.spawn(async move {
        for version in 0..events {
            let body = (version + 1).to_string();
            writing.step(&of, version, Some(&body)).await?;
        }
        Ok::<_, Violation>(())
    });
    let read_models = &balances.store.read_models;
    let mut seen = StreamVersion::NONE;
    while seen.get() < events {
        seen = balances.store.version(&a).await?;
        let places = read_models.inline_places(&balances.read_model, &a).await?;
        let found = places.first().map(progress_and_body);
        let is_there = |(progress, body): &(u64, u64)| *progress >= seen.get() && progress == body;
        let expected = format!("progress of {seen} at least, and the document of it");
        ensure(found.as_ref().is_some_and(is_there), expected, found)?;
        tokio::task::yield_now().await;
        if let Some(ended) = writer.try_join_next() {
            ended.map_err(|error| Violation::new("no panic", error))??;
        }
    }
    Ok(())
}

/// The document is the number of the event that wrote it.
fn progress_and_body(place: &InlinePlace) -> (u64, u64) {
    let body = place.document.as_ref().and_then(|body| body.as_json());
    let number = body.and_then(|body| body.parse().ok()).unwrap_or_default();
    (place.progress.get(), number)
}

/// An append whose future is dropped is there with its document, or neither is.
pub async fn a_dropped_append_writes_all_or_nothing(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Inlining::open(subject).await?;
    for polls in 1..=at_full_length(100).max(30) {
        let stream = stream(&format!("s{polls}"))?;
        let append = balances.append(&stream, 0, Some("1"))?;
        poll_then_drop(balances.store.events.append(vec![append]), polls).await;
        // Whoever comes next from the same place learns whether the dropped one was before, and bars it if not.
        let next = balances.append(&stream, 0, Some("2"))?;
        match balances.store.try_append(next).await? {
            Ok(_) => balances.ensure(&stream, 1, Some("2")).await?,
            Err(AppendError::Conflict { .. }) => balances.ensure(&stream, 1, Some("1")).await?,
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}
