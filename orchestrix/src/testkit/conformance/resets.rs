//! Subscriptions that are set back.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::checkpoints::at;
use super::opened::Opened;
use super::parking::Parking;
use super::samples::stream;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{CheckpointError, CheckpointMove, CheckpointStore, DeadLetter, Lane};

/// A reset puts the checkpoint where it is told, back or on, and takes the dead letters away; other subscriptions stay as
/// they are.
pub async fn a_reset_sets_a_subscription_back(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let [mail, _] = Parking::in_both_ports(subject).await?;
    let other = mail.of("mail2");
    for parking in [&mail, &other] {
        let letters = [parking.failed(3, "a")?, parking.waiting(5, "a")?];
        parking.move_with((0, 9), &letters, &[]).await?;
    }
    let kept = other.all().await?;
    let checkpoints = &mail.store.checkpoints;
    for (position, resets) in [(4, 1), (0, 2), (12, 3)] {
        let told = checkpoints.reset_checkpoints("mail", at(position)).await?;
        ensure_eq("how often it was reset", told, resets)?;
        mail.ensure_at(position).await?;
        mail.ensure_letters(&[]).await?;
        other.ensure_at(9).await?;
        other.ensure_letters(&kept).await?;
        let told = checkpoints.checkpoint_resets("mail2").await?;
        ensure_eq("how often the other was reset", told, 0)?;
    }
    Ok(())
}

/// A reset takes the checkpoints of all lanes away, of every division; not those of what is named alike.
pub async fn a_reset_takes_the_lanes_away(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for name in ["mail", "mail2", "mai", "m_il", "Mail"] {
        for lane in Lane::all(2).chain(Lane::all(3)) {
            store
                .checkpoints
                .move_checkpoint(moved(name, lane, 0, 7))
                .await?;
        }
    }
    store.checkpoints.reset_checkpoints("mail", at(4)).await?;
    ensure_eq("its lanes", lanes(&store, "mail").await?, 0)?;
    for lane in Lane::all(3) {
        let name = lane.checkpoint("mail");
        let found = store.checkpoints.load_checkpoint(&name).await?;
        ensure_eq(format_args!("the checkpoint {name}"), found, at(0))?;
    }
    let whole = store.checkpoints.load_checkpoint("mail").await?;
    ensure_eq("the checkpoint of the whole", whole, at(4))?;
    for name in ["mail2", "mai", "m_il", "Mail"] {
        let found = store.checkpoints.lane_checkpoints(name).await?;
        let found: Vec<_> = found.into_iter().map(|(_, at)| at).collect();
        ensure_eq(format_args!("the lanes of {name}"), found, [at(7); 5])?;
    }
    Ok(())
}

/// What was in hand before a reset is refused and changes nothing, also where the checkpoint is back in its place; what says
/// that it knows of the reset is done.
pub async fn a_move_from_before_a_reset_is_refused(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let [mail, _] = Parking::in_both_ports(subject).await?;
    let checkpoints = &mail.store.checkpoints;
    mail.move_with((0, 9), &[mail.failed(3, "a")?], &[]).await?;
    checkpoints.reset_checkpoints("mail", at(9)).await?;
    let parked = [mail.failed(12, "b")?];
    for (to, letters) in [(12, &[][..]), (12, &parked[..]), (9, &parked[..])] {
        let late = CheckpointMove {
            parked: letters.to_vec(),
            ..CheckpointMove::new("mail", at(9), at(to))
        };
        ensure_rebuilt(checkpoints.move_checkpoint(late.clone()).await, 0, 1)?;
        let ahead = CheckpointMove { build: 2, ..late };
        ensure_rebuilt(checkpoints.move_checkpoint(ahead).await, 2, 1)?;
        mail.ensure_at(9).await?;
        mail.ensure_letters(&[]).await?;
    }
    let knowing = CheckpointMove {
        build: 1,
        parked: parked.to_vec(),
        ..CheckpointMove::new("mail", at(9), at(12))
    };
    checkpoints.move_checkpoint(knowing).await?;
    mail.ensure_at(12).await?;
    mail.ensure_letters(&parked).await
}

/// A lane that had a checkpoint and one that had none are both refused, and both go on once they know.
pub async fn a_lanes_first_move_from_before_a_reset_is_refused(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let [mail, _] = Parking::in_both_ports(subject).await?;
    let checkpoints = &mail.store.checkpoints;
    let all: Vec<_> = Lane::all(2).collect();
    for lane in &all[..1] {
        checkpoints
            .move_checkpoint(moved("mail", *lane, 0, 7))
            .await?;
    }
    checkpoints.reset_checkpoints("mail", at(0)).await?;
    for lane in &all {
        for (from, letters) in [(0, vec![]), (0, vec![mail.failed(8, "a")?]), (7, vec![])] {
            let late = CheckpointMove {
                parked: letters,
                ..moved("mail", *lane, from, 9)
            };
            ensure_rebuilt(checkpoints.move_checkpoint(late).await, 0, 1)?;
        }
        ensure_eq("its lanes", lanes(&mail.store, "mail").await?, 0)?;
        mail.ensure_letters(&[]).await?;
    }
    for lane in all {
        let knowing = CheckpointMove {
            build: 1,
            ..moved("mail", lane, 0, 9)
        };
        checkpoints.move_checkpoint(knowing).await?;
    }
    ensure_eq("its lanes", lanes(&mail.store, "mail").await?, 2)
}

/// A reset to the start of what is not there leaves nothing behind; one to another place puts it there.
pub async fn a_reset_of_nothing_changes_nothing(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let checkpoints = &store.checkpoints;
    for _ in 0..2 {
        let told = checkpoints.reset_checkpoints("mail", at(0)).await?;
        ensure_eq("how often it was reset", told, 0)?;
        let found = checkpoints.checkpoints().await?;
        ensure_eq("the checkpoints", found, [])?;
    }
    // So nobody who begins is kept from it.
    checkpoints.save_checkpoint("mail", at(0), at(3)).await?;
    let told = checkpoints.reset_checkpoints("other", at(5)).await?;
    ensure_eq("how often the other was reset", told, 1)?;
    let found = checkpoints.load_checkpoint("other").await?;
    ensure_eq("where the other is", found, at(5))
}

/// Each subscription is told how often it was reset.
pub async fn resets_are_counted(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let checkpoints = &store.checkpoints;
    for name in ["mail", "mail2"] {
        let told = checkpoints.checkpoint_resets(name).await?;
        ensure_eq("before", told, 0)?;
        checkpoints.save_checkpoint(name, at(0), at(3)).await?;
        let told = checkpoints.checkpoint_resets(name).await?;
        ensure_eq("before the first", told, 0)?;
    }
    for resets in 1..=3 {
        let done = checkpoints.reset_checkpoints("mail", at(0)).await?;
        let told = checkpoints.checkpoint_resets("mail").await?;
        ensure_eq("told twice", [done, told], [resets, resets])?;
    }
    let told = checkpoints.checkpoint_resets("mail2").await?;
    ensure_eq("those of the other", told, 0)
}

/// While the lanes of a subscription move and park, a reset takes away all that they did before, and they can do nothing more
/// until they know of it.
pub async fn a_reset_beside_its_lanes_is_whole(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    const LANES: u16 = 4;
    let [mail, _] = Parking::in_both_ports(subject).await?;
    for build in 0..12 {
        let start = Arc::new(Barrier::new(usize::from(LANES) + 1));
        let mut movers = JoinSet::new();
        for (index, lane) in (0_u64..).zip(Lane::all(LANES)) {
            let (checkpoints, start) = (mail.store.checkpoints.clone(), start.clone());
            let letter = mail.failed_in(0, stream(&format!("s{index}"))?);
            movers.spawn(async move {
                start.wait().await;
                until_refused(&*checkpoints, lane, build, index, letter).await
            });
        }
        start.wait().await;
        // The first lane may not have begun, or may be far.
        for _ in 0..build {
            tokio::task::yield_now().await;
        }
        let resets = mail.store.checkpoints.reset_checkpoints("mail", at(1));
        ensure_eq("how often it was reset", resets.await?, build + 1)?;
        while let Some(moved) = movers.join_next().await {
            match moved {
                Ok(refused) => ensure_rebuilt(refused.map(drop), build, build + 1)?,
                Err(panicked) => return Err(Violation::new("a mover that ends", panicked)),
            }
        }
        mail.ensure_at(1).await?;
        mail.ensure_letters(&[]).await?;
        ensure_eq("its lanes", lanes(&mail.store, "mail").await?, 0)?;
    }
    Ok(())
}

/// All checkpoints are listed, those of read models, too, where they are in one store; sorted by the bytes of their names.
pub async fn checkpoints_are_listed_by_name(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let checkpoints = &store.checkpoints;
    ensure_eq("none", checkpoints.checkpoints().await?, [])?;
    let names = ["b", "a", "é", "B", "a b", "a#1/2", "语"];
    for (name, position) in names.iter().zip(1..) {
        checkpoints
            .save_checkpoint(name, at(0), at(position))
            .await?;
    }
    checkpoints
        .save_checkpoint("at the start", at(0), at(0))
        .await?;
    let mut expected: Vec<_> = names
        .iter()
        .zip(1..)
        .map(|(name, position)| ((*name).to_owned(), at(position)))
        .collect();
    expected.sort();
    ensure_eq("all", checkpoints.checkpoints().await?, expected)
}

/// How often a subscription was reset outlives the process.
pub async fn reopening_keeps_resets(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store
        .checkpoints
        .save_checkpoint("mail", at(0), at(9))
        .await?;
    store.checkpoints.reset_checkpoints("mail", at(2)).await?;
    store.close().await?;
    let store = Opened::open(subject).await?;
    let told = store.checkpoints.checkpoint_resets("mail").await?;
    ensure_eq("how often it was reset", told, 1)?;
    let late = CheckpointMove::new("mail", at(2), at(3));
    ensure_rebuilt(store.checkpoints.move_checkpoint(late).await, 0, 1)
}

/// Moves a lane on by one with a dead letter each time, until that is refused, which this gives.
async fn until_refused(
    checkpoints: &dyn CheckpointStore,
    lane: Lane,
    build: u64,
    index: u64,
    letter: DeadLetter,
) -> Result<u64, CheckpointError> {
    // Nothing that works goes on for so long.
    for from in 0..100_000 {
        let parked = match from % 2 {
            0 => Vec::new(),
            _ => vec![DeadLetter {
                position: at(from * 10 + index),
                ..letter.clone()
            }],
        };
        let on = CheckpointMove {
            build,
            parked,
            ..moved("mail", lane, from, from + 1)
        };
        checkpoints.move_checkpoint(on).await?;
    }
    Ok(100_000)
}

fn moved(subscription: &str, lane: Lane, from: u64, to: u64) -> CheckpointMove {
    CheckpointMove {
        lane: Some(lane),
        ..CheckpointMove::new(subscription, at(from), at(to))
    }
}

/// How many lanes of a subscription have a checkpoint.
async fn lanes(store: &Opened, subscription: &str) -> Result<usize, Violation> {
    Ok(store
        .checkpoints
        .lane_checkpoints(subscription)
        .await?
        .len())
}

#[track_caller]
fn ensure_rebuilt(
    outcome: Result<(), CheckpointError>,
    expected: u64,
    actual: u64,
) -> Result<(), Violation> {
    let told = match &outcome {
        Err(CheckpointError::Rebuilt {
            subscription,
            expected: e,
            actual: a,
        }) => subscription == "mail" && *e == expected && *a == actual,
        _ => false,
    };
    ensure(
        told,
        format_args!("Rebuilt: expected {expected}, actual {actual}"),
        &outcome,
    )
}
