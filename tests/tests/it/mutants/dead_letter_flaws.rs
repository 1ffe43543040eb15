//! Flaws in what becomes of dead letters when a checkpoint moves.

use jiff::Timestamp;
use orchestrix::store::{
    CheckpointError, CheckpointMove, CheckpointStore as _, DeadLetter, DeadLetterSelection,
    DeadLetterStore as _, GlobalPosition, MemoryStore, ReadModelStore as _,
};

use super::mutant::{Mutant, gap};
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    [of_moves(), of_concurrent_moves(), of_what_is_kept()]
        .into_iter()
        .flatten()
        .collect()
}

/// One flaw in each of the two ports that move checkpoints with dead letters: the move is changed before it is done, or
/// parts of it are done before the rest.
macro_rules! in_both_ports {
    ($name:literal, $caught_by:expr, $change:expr) => {
        [
            flaw(
                concat!($name, ", by a checkpoint"),
                $caught_by,
                |mutant: Mutant| {
                    mutant.move_checkpoint(|store, moved| async move {
                        let change = $change;
                        let moved = change(store.clone(), moved).await?;
                        store.move_checkpoint(moved).await
                    })
                },
            ),
            flaw(
                concat!($name, ", by a read model"),
                $caught_by,
                |mutant: Mutant| {
                    mutant.commit(|store, mut commit| async move {
                        let change = $change;
                        commit.checkpoint = change(store.clone(), commit.checkpoint).await?;
                        store.commit(commit).await
                    })
                },
            ),
        ]
    };
}

fn of_moves() -> Vec<Flaw> {
    [
        in_both_ports!(
            "nothing is parked",
            &[
                "dead_letters_move_with_the_checkpoint",
                "dead_letters_change_where_the_checkpoint_stays",
            ],
            async |_: MemoryStore, mut moved: CheckpointMove| {
                moved.parked.clear();
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "nothing is settled",
            &["dead_letters_move_with_the_checkpoint"],
            async |_: MemoryStore, mut moved: CheckpointMove| {
                moved.settled.clear();
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "a checkpoint with dead letters stays",
            &["dead_letters_move_with_the_checkpoint"],
            async |_: MemoryStore, mut moved: CheckpointMove| {
                if !moved.parked.is_empty() {
                    moved.position = moved.expected;
                }
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "a move to the same place does nothing",
            &["dead_letters_change_where_the_checkpoint_stays"],
            async |_: MemoryStore, mut moved: CheckpointMove| {
                if moved.position == moved.expected {
                    moved.parked.clear();
                    moved.settled.clear();
                }
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "what is parked outlives a refused move",
            &[
                "a_refused_move_changes_no_dead_letters",
                "settling_what_is_not_parked_changes_nothing",
            ],
            async |store: MemoryStore, mut moved: CheckpointMove| {
                let mut parking = staying(&store, &moved.subscription).await?;
                parking.parked = std::mem::take(&mut moved.parked);
                store.move_checkpoint(parking).await?;
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "what is settled is gone after a refused move",
            &[
                "a_refused_move_changes_no_dead_letters",
                "settling_what_is_not_parked_changes_nothing",
            ],
            async |store: MemoryStore, mut moved: CheckpointMove| {
                let known = known(&store, &moved.subscription).await?;
                let mut settling = staying(&store, &moved.subscription).await?;
                let (there, missing) = moved
                    .settled
                    .into_iter()
                    .partition(|position| known.iter().any(|letter| letter.position == *position));
                (settling.settled, moved.settled) = (there, missing);
                store.move_checkpoint(settling).await?;
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "what is to be settled is looked for before the checkpoint",
            &["a_refused_move_changes_no_dead_letters"],
            async |store: MemoryStore, moved: CheckpointMove| {
                let mut settling = staying(&store, &moved.subscription).await?;
                let known = known(&store, &moved.subscription).await?;
                settling.settled = moved
                    .settled
                    .iter()
                    .copied()
                    .filter(|position| known.iter().all(|letter| letter.position != *position))
                    .collect();
                store.move_checkpoint(settling).await?;
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "settling what is not there does nothing",
            &[
                "settling_what_is_not_parked_changes_nothing",
                "one_of_two_settles_a_dead_letter",
            ],
            async |store: MemoryStore, mut moved: CheckpointMove| {
                let known = known(&store, &moved.subscription).await?;
                moved
                    .settled
                    .retain(|position| known.iter().any(|letter| letter.position == *position));
                Changed::Ok(moved)
            }
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_concurrent_moves() -> Vec<Flaw> {
    [
        in_both_ports!(
            "what is settled is looked for, then settled",
            &["one_of_two_settles_a_dead_letter"],
            async |store: MemoryStore, mut moved: CheckpointMove| {
                let before = known(&store, &moved.subscription).await?;
                gap().await;
                let now = known(&store, &moved.subscription).await?;
                moved.settled.retain(|position| {
                    let is_in = |letters: &[DeadLetter]| {
                        letters.iter().any(|letter| letter.position == *position)
                    };
                    is_in(&now) || !is_in(&before)
                });
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "dead letters are settled, then the checkpoint is moved",
            &["a_dropped_move_is_whole_or_absent"],
            async |store: MemoryStore, mut moved: CheckpointMove| {
                let (to, settled) = (moved.position, std::mem::take(&mut moved.settled));
                moved.position = moved.expected;
                let first = CheckpointMove {
                    settled,
                    ..moved.clone()
                };
                store.move_checkpoint(first).await?;
                gap().await;
                moved.parked.clear();
                moved.position = to;
                Changed::Ok(moved)
            }
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_what_is_kept() -> Vec<Flaw> {
    const AGAIN: &str = "a_dead_letter_that_fails_again_keeps_when_it_was_parked";
    const AS_PARKED: &str = "dead_letters_come_back_as_parked";
    let both = [
        in_both_ports!(
            "one that fails again is parked anew",
            &[AGAIN],
            async |store: MemoryStore, mut moved: CheckpointMove| {
                // Settled in the same move, it is forgotten.
                for letter in known(&store, &moved.subscription).await? {
                    if moved
                        .parked
                        .iter()
                        .any(|new| new.position == letter.position)
                    {
                        moved.settled.push(letter.position);
                    }
                }
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "one that is there stays as it is",
            &[AGAIN],
            async |store: MemoryStore, mut moved: CheckpointMove| {
                let known = known(&store, &moved.subscription).await?;
                moved
                    .parked
                    .retain(|new| known.iter().all(|letter| letter.position != new.position));
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "one that fails again keeps its request",
            &[AGAIN, "a_request_waits_for_the_first_of_its_stream"],
            async |store: MemoryStore, mut moved: CheckpointMove| {
                for letter in known(&store, &moved.subscription).await? {
                    for new in &mut moved.parked {
                        if new.position == letter.position {
                            new.request = new.request.or(letter.request);
                        }
                    }
                }
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "errors are cut at 255 characters",
            &[AS_PARKED],
            async |_: MemoryStore, moved: CheckpointMove| {
                Changed::Ok(parking(moved, |letter| {
                    let error = letter.error.take();
                    letter.error = error.map(|error| error.chars().take(255).collect());
                }))
            }
        ),
        in_both_ports!(
            "an empty error is none",
            &[AS_PARKED],
            async |_: MemoryStore, moved: CheckpointMove| {
                Changed::Ok(parking(moved, |letter| {
                    letter.error = letter.error.take().filter(|error| !error.is_empty());
                }))
            }
        ),
        in_both_ports!(
            "times of dead letters are kept in milliseconds",
            &[AS_PARKED],
            async |_: MemoryStore, moved: CheckpointMove| {
                Changed::Ok(parking(moved, |letter| {
                    letter.parked_at = in_milliseconds(letter.parked_at);
                    letter.failed_at = letter.failed_at.map(in_milliseconds);
                }))
            }
        ),
        in_both_ports!(
            "requests are not kept when parked",
            &[AS_PARKED, "the_first_of_each_stream_is_due"],
            async |_: MemoryStore, moved: CheckpointMove| {
                Changed::Ok(parking(moved, |letter| letter.request = None))
            }
        ),
        in_both_ports!(
            "a move parks at most 400",
            &["a_thousand_dead_letters_in_one_move"],
            async |_: MemoryStore, mut moved: CheckpointMove| {
                moved.parked.truncate(400);
                Changed::Ok(moved)
            }
        ),
        in_both_ports!(
            "a move settles at most 400",
            &["a_thousand_dead_letters_in_one_move"],
            async |_: MemoryStore, mut moved: CheckpointMove| {
                moved.settled.truncate(400);
                Changed::Ok(moved)
            }
        ),
    ];
    let shared = flaw(
        "subscriptions with dead letters are compared without their case",
        &["dead_letters_are_apart_by_subscription"],
        |mutant| {
            mutant
                .move_checkpoint(|store, mut moved| async move {
                    moved.subscription = moved.subscription.to_lowercase();
                    store.move_checkpoint(moved).await
                })
                .dead_letters(|store, (name, selection, after, limit)| async move {
                    let name = name.to_lowercase();
                    store.dead_letters(&name, &selection, after, limit).await
                })
        },
    );
    let shared_requests = flaw(
        "subscriptions in requests are compared without their case",
        &["dead_letters_are_apart_by_subscription"],
        |mutant| {
            mutant.request_dead_letters(|store, (name, selection, request)| async move {
                let name = name.to_lowercase();
                store.request_dead_letters(&name, &selection, request).await
            })
        },
    );
    let both = both.into_iter().flatten();
    both.chain([shared, shared_requests]).collect()
}

type Changed = Result<CheckpointMove, CheckpointError>;

/// A move of the checkpoint to where it is.
async fn staying(
    store: &MemoryStore,
    subscription: &str,
) -> Result<CheckpointMove, CheckpointError> {
    let actual = store.load_checkpoint(subscription).await?;
    Ok(CheckpointMove::new(subscription, actual, actual))
}

/// All dead letters of a subscription.
pub(super) async fn known(
    store: &MemoryStore,
    subscription: &str,
) -> Result<Vec<DeadLetter>, CheckpointError> {
    let (all, start) = (DeadLetterSelection::All, GlobalPosition::START);
    store
        .dead_letters(subscription, &all, start, usize::MAX)
        .await
}

/// Changes dead letters before they are parked.
fn parking(mut moved: CheckpointMove, change: fn(&mut DeadLetter)) -> CheckpointMove {
    moved.parked.iter_mut().for_each(change);
    moved
}

fn in_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}
