//! Checkpoints of subscriptions whose effects are outside of the store.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::opened::Opened;
use super::samples::HOSTILE_TEXTS;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{CheckpointError, GlobalPosition};

/// A subscription that never saved is at the start.
pub async fn an_unknown_subscription_is_at_the_start(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    ensure_at(&store, "mail", 0).await?;
    store
        .checkpoints
        .save_checkpoint("other", at(0), at(7))
        .await?;
    ensure_at(&store, "mail", 0).await
}

/// What was saved is loaded, again and again.
pub async fn a_saved_checkpoint_is_loaded(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut from = 0;
    for to in [1, 2, 1_000, u64::from(u32::MAX) + 1, i64::MAX as u64] {
        store
            .checkpoints
            .save_checkpoint("mail", at(from), at(to))
            .await?;
        ensure_at(&store, "mail", to).await?;
        ensure_at(&store, "mail", to).await?;
        from = to;
    }
    Ok(())
}

/// Saving from where the checkpoint is not is refused with both places, and changes nothing.
pub async fn a_moved_checkpoint_is_refused(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    refused(&store, "new", 5, 0).await?;
    store
        .checkpoints
        .save_checkpoint("mail", at(0), at(7))
        .await?;
    for expected in [0, 6, 8] {
        refused(&store, "mail", expected, 7).await?;
    }
    store
        .checkpoints
        .save_checkpoint("mail", at(7), at(9))
        .await?;
    refused(&store, "mail", 7, 9).await
}

/// A checkpoint can be moved back, to read again, and stay where it is.
pub async fn a_checkpoint_can_move_back(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut from = 0;
    for to in [0, 9, 9, 3, 0, 0, 5] {
        store
            .checkpoints
            .save_checkpoint("mail", at(from), at(to))
            .await?;
        ensure_at(&store, "mail", to).await?;
        from = to;
    }
    Ok(())
}

/// Each subscription has its own checkpoint, whatever its name.
pub async fn checkpoints_are_apart_by_name(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let long = "n".repeat(500);
    let names: Vec<&str> = HOSTILE_TEXTS
        .iter()
        .copied()
        .chain([long.as_str()])
        .collect();
    for (name, position) in names.iter().zip(1..) {
        store
            .checkpoints
            .save_checkpoint(name, at(0), at(position))
            .await?;
    }
    for (name, position) in names.iter().zip(1..) {
        ensure_at(&store, name, position).await?;
    }
    Ok(())
}

/// Of many that save from the same place at once, one wins and the others learn where it is.
pub async fn one_of_many_savers_wins(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    const SAVERS: u64 = 8;
    let store = Opened::open(subject).await?;
    let mut from = 0;
    for round in 1..=5 {
        let start = Arc::new(Barrier::new(SAVERS as usize));
        let mut savers = JoinSet::new();
        for saver in 1..=SAVERS {
            let (checkpoints, start) = (store.checkpoints.clone(), start.clone());
            let to = round * 100 + saver;
            savers.spawn(async move {
                start.wait().await;
                (
                    to,
                    checkpoints.save_checkpoint("mail", at(from), at(to)).await,
                )
            });
        }
        let outcomes = savers.join_all().await;
        let winners: Vec<u64> = outcomes
            .iter()
            .filter(|(_, o)| o.is_ok())
            .map(|(to, _)| *to)
            .collect();
        ensure(winners.len() == 1, "one winner", &outcomes)?;
        for (_, outcome) in outcomes {
            if let Err(error) = outcome {
                ensure_moved(&error, "mail", from, winners[0])?;
            }
        }
        ensure_at(&store, "mail", winners[0]).await?;
        from = winners[0];
    }
    Ok(())
}

/// The place with this number.
pub(super) const fn at(position: u64) -> GlobalPosition {
    GlobalPosition::new(position)
}

async fn ensure_at(store: &Opened, subscription: &str, expected: u64) -> Result<(), Violation> {
    let found = store.checkpoints.load_checkpoint(subscription).await?;
    ensure_eq(
        format_args!("the checkpoint of {subscription:?}"),
        found,
        at(expected),
    )
}

/// Saves from a place where the checkpoint is not.
async fn refused(store: &Opened, name: &str, expected: u64, actual: u64) -> Result<(), Violation> {
    for to in [expected, expected + 1, actual] {
        match store
            .checkpoints
            .save_checkpoint(name, at(expected), at(to))
            .await
        {
            Err(error) => ensure_moved(&error, name, expected, actual)?,
            Ok(()) => return Err(Violation::new("the save to be refused", "done")),
        }
        ensure_at(store, name, actual).await?;
    }
    Ok(())
}

/// Checks what a refusal tells.
#[track_caller]
pub(super) fn ensure_moved(
    error: &CheckpointError,
    name: &str,
    expected: u64,
    actual: u64,
) -> Result<(), Violation> {
    let told = match error {
        CheckpointError::Moved {
            subscription,
            expected: e,
            actual: a,
        } => subscription == name && *e == at(expected) && *a == at(actual),
        _ => false,
    };
    ensure(
        told,
        format_args!("Moved for {name:?}: expected {expected}, actual {actual}"),
        error,
    )
}
