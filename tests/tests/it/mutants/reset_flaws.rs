//! Flaws in resets, and in the list of checkpoints.

use orchestrix::store::{CheckpointMove, CheckpointStore as _, GlobalPosition};

use super::dead_letter_flaws::known;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    of_resets().into_iter().chain(of_lists()).collect()
}

fn of_resets() -> Vec<Flaw> {
    vec![
        flaw(
            "a reset leaves the checkpoint where it is",
            &["a_reset_sets_a_subscription_back"],
            |mutant| {
                mutant.reset_checkpoints(|store, (name, _)| async move {
                    let position = store.load_checkpoint(&name).await?;
                    store.reset_checkpoints(&name, position).await
                })
            },
        ),
        flaw(
            "a reset is always to the start",
            &["a_reset_sets_a_subscription_back"],
            |mutant| {
                mutant.reset_checkpoints(|store, (name, _)| async move {
                    store.reset_checkpoints(&name, GlobalPosition::START).await
                })
            },
        ),
        flaw(
            "a reset keeps the dead letters",
            &["a_reset_sets_a_subscription_back"],
            |mutant| {
                mutant.reset_checkpoints(|store, (name, position)| async move {
                    let parked = known(&store, &name).await?;
                    let resets = store.reset_checkpoints(&name, position).await?;
                    let keeping = CheckpointMove {
                        parked,
                        build: resets,
                        ..CheckpointMove::new(&*name, position, position)
                    };
                    store.move_checkpoint(keeping).await?;
                    Ok(resets)
                })
            },
        ),
        flaw(
            "a reset is of all that is named alike",
            &[
                "a_reset_sets_a_subscription_back",
                "a_reset_takes_the_lanes_away",
            ],
            |mutant| {
                mutant.reset_checkpoints(|store, (name, position)| async move {
                    for (other, _) in store.checkpoints().await? {
                        if other.starts_with(&name) && other != name {
                            store.reset_checkpoints(&other, position).await?;
                        }
                    }
                    store.reset_checkpoints(&name, position).await
                })
            },
        ),
        flaw(
            "a reset leaves the lanes where they are",
            &[
                "a_reset_takes_the_lanes_away",
                "a_reset_beside_its_lanes_is_whole",
            ],
            |mutant| {
                mutant.reset_checkpoints(|store, (name, position)| async move {
                    let lanes = store.lane_checkpoints(&name).await?;
                    let resets = store.reset_checkpoints(&name, position).await?;
                    for (lane, at) in lanes {
                        store
                            .save_checkpoint(&lane, GlobalPosition::START, at)
                            .await?;
                    }
                    Ok(resets)
                })
            },
        ),
        flaw(
            "moves from before a reset are done",
            &[
                "a_move_from_before_a_reset_is_refused",
                "a_lanes_first_move_from_before_a_reset_is_refused",
                "reopening_keeps_resets",
            ],
            |mutant| {
                mutant.move_checkpoint(|store, moved| async move {
                    let build = store.checkpoint_resets(&moved.subscription).await?;
                    store
                        .move_checkpoint(CheckpointMove { build, ..moved })
                        .await
                })
            },
        ),
        flaw(
            "the first move of a lane needs to know of no reset",
            &["a_lanes_first_move_from_before_a_reset_is_refused"],
            |mutant| {
                mutant.move_checkpoint(|store, mut moved| async move {
                    let at = store.load_checkpoint(&moved.checkpoint()).await?;
                    if moved.lane.is_some() && at == GlobalPosition::START {
                        moved.build = store.checkpoint_resets(&moved.subscription).await?;
                    }
                    store.move_checkpoint(moved).await
                })
            },
        ),
        flaw(
            "a reset of nothing counts",
            &["a_reset_of_nothing_changes_nothing"],
            |mutant| {
                mutant.reset_checkpoints(|store, (name, position)| async move {
                    let further = GlobalPosition::new(1);
                    store.reset_checkpoints(&name, further).await?;
                    store.reset_checkpoints(&name, position).await
                })
            },
        ),
        flaw(
            "resets are counted for all together",
            &["resets_are_counted"],
            |mutant| {
                mutant.checkpoint_resets(|store, name| async move {
                    let mut resets = store.checkpoint_resets(&name).await?;
                    for (other, _) in store.checkpoints().await? {
                        resets = resets.max(store.checkpoint_resets(&other).await?);
                    }
                    resets = resets.max(store.checkpoint_resets("mail").await?);
                    Ok(resets)
                })
            },
        ),
        flaw(
            "resets are not counted",
            &["resets_are_counted"],
            |mutant| mutant.checkpoint_resets(|_, _| async { Ok(0) }),
        ),
    ]
}

fn of_lists() -> Vec<Flaw> {
    vec![
        flaw(
            "checkpoints are listed in the order of a dictionary",
            &["checkpoints_are_listed_by_name"],
            |mutant| {
                mutant.checkpoints(|store, ()| async move {
                    let mut all = store.checkpoints().await?;
                    all.sort_by_key(|(name, _)| name.to_lowercase());
                    Ok(all)
                })
            },
        ),
        flaw(
            "lanes are not listed with the rest",
            &["checkpoints_are_listed_by_name"],
            |mutant| {
                mutant.checkpoints(|store, ()| async move {
                    let mut all = store.checkpoints().await?;
                    all.retain(|(name, _)| !name.contains('#'));
                    Ok(all)
                })
            },
        ),
    ]
}
