//! Flaws in what a lease lets move, and in the checkpoints of lanes.

use orchestrix::store::{
    CheckpointError, CheckpointMove, CheckpointStore as _, Fence, LeaseStore as _, MemoryStore,
    NodeId, ReadModelStore as _,
};

use super::mutant::Mutant;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_fences(), of_lanes(), of_lists()]
        .into_iter()
        .flatten()
        .collect()
}

type Changed = Result<CheckpointMove, CheckpointError>;

/// One flaw in each of the two ports that move checkpoints: the move is changed before it is done.
macro_rules! in_both_ports {
    ($name:literal, $caught_by:expr, $change:expr) => {
        [
            flaw(
                concat!($name, ", by a checkpoint"),
                $caught_by,
                |mutant: Mutant| {
                    mutant.move_checkpoint(|store, moved| async move {
                        let moved = $change(store.clone(), moved).await?;
                        store.move_checkpoint(moved).await
                    })
                },
            ),
            flaw(
                concat!($name, ", by a read model"),
                $caught_by,
                |mutant: Mutant| {
                    mutant.commit(|store, mut commit| async move {
                        commit.checkpoint = $change(store.clone(), commit.checkpoint).await?;
                        store.commit(commit).await
                    })
                },
            ),
        ]
    };
}

fn of_fences() -> Vec<Flaw> {
    [
        in_both_ports!(
            "fences are not looked at",
            &[
                "an_old_token_is_fenced",
                "an_ended_lease_is_fenced",
                "a_lease_that_was_given_back_is_fenced",
                "a_lease_that_was_never_taken_is_fenced",
            ],
            async |_: MemoryStore, moved: CheckpointMove| Changed::Ok(CheckpointMove {
                fence: None,
                ..moved
            })
        ),
        in_both_ports!(
            "whoever holds the lease, it lets move",
            &[
                "an_old_token_is_fenced",
                "a_lease_that_was_never_taken_is_fenced",
            ],
            async |store: MemoryStore, mut moved: CheckpointMove| {
                if let Some(fence) = moved.fence.take() {
                    moved.fence = Some(of_holder(&store, fence).await);
                }
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "every fence is refused",
            &[
                "a_lease_that_holds_lets_the_checkpoint_move",
                "a_fence_replaces_no_other_check",
            ],
            async |_: MemoryStore, moved: CheckpointMove| match &moved.fence {
                Some(fence) => Changed::Err(fenced(&moved, fence)),
                None => Changed::Ok(moved),
            }
        ),
        in_both_ports!(
            "nothing moves without a lease",
            &["a_move_without_a_fence_needs_no_lease"],
            async |_: MemoryStore, moved: CheckpointMove| match &moved.fence {
                Some(_) => Changed::Ok(moved),
                None => {
                    let lease = "none".into();
                    Changed::Err(fenced(&moved, &Fence { lease, token: 0 }))
                }
            }
        ),
        in_both_ports!(
            "the checkpoint moves before the lease is looked at",
            &[
                "an_old_token_is_fenced",
                "an_ended_lease_is_fenced",
                "a_lease_that_was_given_back_is_fenced",
                "a_lease_that_was_never_taken_is_fenced",
            ],
            async |store: MemoryStore, mut moved: CheckpointMove| {
                let unfenced = CheckpointMove {
                    fence: None,
                    ..moved.clone()
                };
                store.move_checkpoint(unfenced).await?;
                moved.expected = moved.position;
                moved.settled.clear();
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "dead letters are kept before the lease is looked at",
            &["an_ended_lease_is_fenced"],
            async |store: MemoryStore, moved: CheckpointMove| {
                let parking = CheckpointMove {
                    parked: moved.parked.clone(),
                    ..CheckpointMove::new(&*moved.subscription, moved.expected, moved.expected)
                };
                store.move_checkpoint(parking).await?;
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "under a lease a checkpoint may be anywhere",
            &["a_fence_replaces_no_other_check"],
            async |store: MemoryStore, mut moved: CheckpointMove| {
                if moved.fence.is_some() {
                    moved.expected = store.load_checkpoint(&moved.checkpoint()).await?;
                }
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "under a lease dead letters need not be there",
            &["a_fence_replaces_no_other_check"],
            async |_: MemoryStore, mut moved: CheckpointMove| {
                if moved.fence.is_some() {
                    moved.settled.retain(|position| position.get() == 3);
                }
                Changed::Ok(moved)
            }
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_lanes() -> Vec<Flaw> {
    [
        in_both_ports!(
            "lanes have one checkpoint",
            &[
                "lanes_have_their_own_checkpoints",
                "dead_letters_of_lanes_are_the_subscriptions",
            ],
            async |_: MemoryStore, moved: CheckpointMove| Changed::Ok(CheckpointMove {
                lane: None,
                ..moved
            })
        ),
        in_both_ports!(
            "dead letters are their lane's",
            &["dead_letters_of_lanes_are_the_subscriptions"],
            async |_: MemoryStore, moved: CheckpointMove| {
                let subscription = moved.checkpoint().into_owned();
                Changed::Ok(CheckpointMove {
                    subscription,
                    lane: None,
                    ..moved
                })
            }
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_lists() -> Vec<Flaw> {
    vec![
        flaw(
            "no lanes are listed",
            &[
                "lane_checkpoints_are_listed",
                "lane_checkpoints_are_apart_by_name",
            ],
            |mutant| mutant.lane_checkpoints(|_, _| async { Ok(Vec::new()) }),
        ),
        flaw(
            "lanes are listed in the wrong order",
            &["lane_checkpoints_are_listed"],
            |mutant| {
                mutant.lane_checkpoints(|store, subscription| async move {
                    let mut lanes = store.lane_checkpoints(&subscription).await?;
                    lanes.reverse();
                    Ok(lanes)
                })
            },
        ),
        flaw(
            "the whole is listed with its lanes",
            &["lane_checkpoints_are_listed"],
            |mutant| {
                mutant.lane_checkpoints(|store, subscription| async move {
                    let whole = store.load_checkpoint(&subscription).await?;
                    let lanes = store.lane_checkpoints(&subscription).await?;
                    Ok([(subscription, whole)].into_iter().chain(lanes).collect())
                })
            },
        ),
        flaw(
            "lanes are listed for names without their blanks",
            &["lane_checkpoints_are_apart_by_name"],
            |mutant| {
                mutant.lane_checkpoints(|store, subscription| async move {
                    store.lane_checkpoints(subscription.trim()).await
                })
            },
        ),
        flaw(
            "lanes are listed for what is named alike",
            &["lane_checkpoints_are_apart_by_name"],
            |mutant| {
                mutant.lane_checkpoints(|store, subscription| async move {
                    let mut lanes = store.lane_checkpoints(&subscription).await?;
                    // As a pattern would have it.
                    if subscription.contains(['%', '_']) {
                        lanes.extend(store.lane_checkpoints("mail2").await?);
                    }
                    Ok(lanes)
                })
            },
        ),
    ]
}

fn fenced(moved: &CheckpointMove, fence: &Fence) -> CheckpointError {
    CheckpointError::Fenced {
        subscription: moved.subscription.clone(),
        lease: fence.lease.to_string(),
    }
}

/// The fence of who holds the lease, if anybody does.
async fn of_holder(store: &MemoryStore, fence: Fence) -> Fence {
    let nobody = NodeId::new("nobody");
    let view = store.renew_leases(&nobody, &[], std::time::Duration::from_secs(1));
    let leases = view.await.map(|view| view.leases).unwrap_or_default();
    let held = leases.iter().find(|lease| lease.name == *fence.lease);
    Fence {
        token: held.map_or(fence.token, |lease| lease.token),
        ..fence
    }
}
