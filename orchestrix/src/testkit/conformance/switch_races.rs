//! Commits beside the switch of a build.

use std::sync::Arc;

use tokio::sync::Barrier;

use super::building::{Building, parking};
use super::built::{ensure_not_building, ensure_rebuilt};
use super::polling::at_full_length;
use super::subject::StoreUnderTest;
use super::switching::{letter, letters_of};
use super::violation::{Violation, ensure_eq};
use crate::store::{CheckpointError, DeadLetter, GlobalPosition, ReadModelCommit, ReadModelError};

/// A commit that races with the switch is of the old build, and done before, or is refused: what one build counted is never
/// among the documents of the other.
pub async fn commits_of_the_old_build_race_with_the_switch(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let letter = letter(&balances, 1)?;
    let (mut build, mut position) = (0, 0);
    for round in 0..at_full_length(100) {
        // Each build counts with a weight of its own, so that a sum tells whose it is.
        let next = balances.begin().await?;
        balances
            .build(next, (0, position), &[("a", &sum(next, position))])
            .await?;
        let commit = balances.live(build, (position, position + 1), &[])?;
        let document = sum(build, position + 1);
        let commit = ReadModelCommit {
            writes: balances.live(build, (0, 0), &[("a", &document)])?.writes,
            ..commit
        };
        let commit = match round % 2 {
            0 => commit,
            // Dead letters come another way, in some stores.
            _ => with_changing_letters(&balances, commit, &letter).await?,
        };
        let (committed, switched) =
            at_once(balances.clone(), commit, (next, position), round).await?;
        match (committed, switched) {
            (Ok(()), Ok(false)) => {
                position += 1;
                balances
                    .build(
                        next,
                        (position - 1, position),
                        &[("a", &sum(next, position))],
                    )
                    .await?;
                balances
                    .ensure_live(build, position, &[("a", &document)])
                    .await?;
                balances.switch(next, position).await?;
            }
            (Err(ReadModelError::Checkpoint(refused)), Ok(true)) => {
                ensure_rebuilt(&Err(refused), &balances.read_model, (build, next))?;
            }
            (committed, switched) => {
                let found = format_args!("{committed:?} and {switched:?}");
                return Err(Violation::new("a commit or a switch", found));
            }
        }
        build = next;
        let document = sum(build, position);
        balances
            .ensure_live(build, position, &[("a", &document)])
            .await?;
        balances.purge_all().await?;
    }
    Ok(())
}

/// A commit to the build itself that races with its switch is done before, and the switch finds the checkpoint elsewhere; or it
/// is refused.
pub async fn commits_of_a_build_race_with_its_switch(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    let letter = letter(&balances, 1)?;
    for round in 0..at_full_length(100) {
        let build = balances.begin().await?;
        // Sometimes it is the first commit of all.
        let position = [0, 7][round % 2];
        if position > 0 {
            balances.build(build, (0, position), &[("a", "7")]).await?;
        }
        let commit = balances.built(build, (position, 8), &[("a", "8")])?;
        let commit = match round / 2 % 2 {
            0 => commit,
            _ => parking(commit, &letter),
        };
        let (committed, switched) =
            at_once(balances.clone(), commit, (build, position), round).await?;
        let expected: &[_] = match (committed, switched) {
            (Ok(()), Err(ReadModelError::Checkpoint(CheckpointError::Moved { actual, .. }))) => {
                ensure_eq("where it is", actual, GlobalPosition::new(8))?;
                balances.switch(build, 8).await?;
                balances.ensure_live(build, 8, &[("a", "8")]).await?;
                continue_from_start(&balances, build).await?;
                continue;
            }
            (committed @ Err(_), Ok(true)) => {
                ensure_not_building(&committed, &balances.read_model, build)?;
                match position {
                    0 => &[],
                    _ => &[("a", "7")],
                }
            }
            (committed, switched) => {
                let found = format_args!("{committed:?} and {switched:?}");
                return Err(Violation::new("a commit or a switch", found));
            }
        };
        balances.ensure_live(build, position, expected).await?;
        letters_of(&balances.store, &balances.read_model)
            .ensure_letters(&[])
            .await?;
        continue_from_start(&balances, build).await?;
    }
    Ok(())
}

/// A commit to a build that is given up at the same time is done before, and given up with it, or is refused: nothing is left
/// of either, and the next build begins anew.
pub async fn commits_of_a_build_race_with_giving_it_up(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let balances = Building::open(subject).await?;
    balances.write(0, (0, 5), &[("a", "1")]).await?;
    let letter = letter(&balances, 1)?;
    for round in 0..at_full_length(100) {
        let build = balances.begin().await?;
        let built = balances.of(&balances.collection(build));
        built.ensure_live(0, 0, &[]).await?;
        // Sometimes it is the first commit of all.
        let position = [0, 7][round % 2];
        if position > 0 {
            balances.build(build, (0, position), &[("a", "7")]).await?;
        }
        let commit = balances.built(build, (position, 8), &[("b", "8")])?;
        let commit = match round / 2 % 2 {
            0 => commit,
            _ => parking(commit, &letter),
        };
        let read_models = balances.store.read_models.clone();
        let committing = tokio::spawn(async move { read_models.commit(commit).await });
        let giving_up = {
            let (balances, built) = (balances.clone(), built.read_model.clone());
            tokio::spawn(async move {
                if round % 3 == 0 {
                    tokio::task::yield_now().await;
                }
                balances.drop(&built).await
            })
        };
        let ended = |error: tokio::task::JoinError| Violation::new("a call to end", error);
        giving_up.await.map_err(ended)??;
        let committed = committing.await.map_err(ended)?;
        if committed.is_err() {
            ensure_not_building(&committed, &balances.read_model, build)?;
        }
        built.ensure_at(0).await?;
        let letters = letters_of(&balances.store, &built.read_model);
        letters.ensure_letters(&[]).await?;
        balances.purge_all().await?;
        built.ensure_live(0, 0, &[]).await?;
        balances.ensure_live(0, 5, &[("a", "1")]).await?;
    }
    Ok(())
}

/// The read model goes back to the start, so that whatever is built next is as far.
async fn continue_from_start(balances: &Building, build: u64) -> Result<(), Violation> {
    let found = balances
        .store
        .read_models
        .read_model_checkpoint(&balances.read_model);
    let found = found.await?.get();
    balances.write(build, (found, 0), &[]).await?;
    balances.purge_all().await
}

/// A commit and a switch, each by a task of its own; which of them begins changes from round to round.
async fn at_once(
    balances: Building,
    commit: ReadModelCommit,
    (build, position): (u64, u64),
    round: usize,
) -> Result<(Result<(), ReadModelError>, Result<bool, ReadModelError>), Violation> {
    let start = Arc::new(Barrier::new(2));
    let committing = {
        let (read_models, start) = (balances.store.read_models.clone(), start.clone());
        async move {
            start.wait().await;
            if round % 3 == 1 {
                tokio::task::yield_now().await;
            }
            read_models.commit(commit).await
        }
    };
    let switching = async move {
        start.wait().await;
        if round % 3 == 2 {
            tokio::task::yield_now().await;
        }
        balances.try_switch(build, position, None).await
    };
    let (committing, switching) = (tokio::spawn(committing), tokio::spawn(switching));
    let ended = |error: tokio::task::JoinError| Violation::new("a call to end", error);
    Ok((
        committing.await.map_err(ended)?,
        switching.await.map_err(ended)?,
    ))
}

/// What a build counts up to a position.
fn sum(build: u64, position: u64) -> String {
    (1_000 * build + 1).saturating_mul(position).to_string()
}

/// The commit settles the dead letter if it is there, else it keeps it.
async fn with_changing_letters(
    balances: &Building,
    mut commit: ReadModelCommit,
    letter: &DeadLetter,
) -> Result<ReadModelCommit, Violation> {
    let letters = letters_of(&balances.store, &balances.read_model);
    match letters.all().await?.first() {
        Some(known) => commit.checkpoint.settled.push(known.position),
        None => commit = parking(commit, letter),
    }
    Ok(commit)
}
