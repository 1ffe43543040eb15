//! No checkpoint is moved under a lease that somebody else has taken meanwhile.

use std::collections::HashMap;

use ::tests::crash_bank::{MoveStep, Moved};

/// A lease was seen with this token when the file of moves was so long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) lease: String,
    pub(super) token: u64,
    pub(super) at: u64,
}

/// What came of moves that were begun under leases which others had taken by then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LateMoves {
    /// The store refused them because of the lease.
    pub(super) fenced: usize,
    /// They were not made for other reasons, or their processes did not live to tell.
    pub(super) other: usize,
}

/// What must not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FencingViolation {
    #[error("{node} moved {lease} with token {token}, when {taken} had been given out")]
    Late {
        node: String,
        lease: String,
        token: u64,
        taken: u64,
    },
}

/// Judges all moves, each step with its place in the file, against what was seen of the leases meanwhile.
pub(super) fn judge_moves(
    steps: &[(u64, Moved)],
    taken: &[Taken],
) -> Result<LateMoves, FencingViolation> {
    let mut by_lease: HashMap<&str, Vec<&Taken>> = HashMap::new();
    for seen in taken {
        by_lease.entry(&seen.lease).or_default().push(seen);
    }
    let mut late_moves = LateMoves::default();
    // Moves that were begun too late, with the token that was out by then. A node makes one for a lease at a time.
    let mut late: HashMap<(&str, &str), u64> = HashMap::new();
    for (at, step) in steps {
        let key = (&*step.node, &*step.lease);
        let ended = match step.step {
            MoveStep::Asked => {
                let seen = by_lease.get(&*step.lease).into_iter().flatten();
                let before = seen.filter(|seen| seen.at <= *at && seen.token > step.token);
                if let Some(newest) = before.map(|seen| seen.token).max() {
                    late_moves.other += 1;
                    late.insert(key, newest);
                }
                continue;
            }
            _ => late.remove(&key),
        };
        match (ended, step.step) {
            (Some(taken), MoveStep::Done) => {
                return Err(FencingViolation::Late {
                    node: step.node.clone(),
                    lease: step.lease.clone(),
                    token: step.token,
                    taken,
                });
            }
            (Some(_), MoveStep::Fenced) => {
                late_moves.other -= 1;
                late_moves.fenced += 1;
            }
            _ => {}
        }
    }
    Ok(late_moves)
}

mod tests {
    use super::*;

    fn step(at: u64, node: &str, token: u64, step: MoveStep) -> (u64, Moved) {
        let moved = Moved {
            node: node.to_owned(),
            lease: "mail#1/2".to_owned(),
            token,
            step,
        };
        (at, moved)
    }

    fn taken(at: u64, token: u64) -> Taken {
        Taken {
            lease: "mail#1/2".to_owned(),
            token,
            at,
        }
    }

    #[test]
    fn late_moves_that_were_refused_are_counted() {
        use MoveStep::{Asked, Done, Failed, Fenced};
        let steps = [
            step(0, "a", 1, Asked),
            step(10, "a", 1, Done),
            step(20, "a", 1, Asked),
            // Asked in time, and told of late.
            step(50, "a", 1, Done),
            step(60, "b", 2, Asked),
            step(70, "a", 1, Asked),
            step(80, "b", 2, Done),
            step(90, "a", 1, Fenced),
            step(100, "a", 1, Asked),
            step(110, "a", 1, Failed),
            step(120, "a", 1, Asked),
        ];
        let late = judge_moves(&steps, &[taken(0, 1), taken(40, 2)]);
        let counts = LateMoves {
            fenced: 1,
            other: 2,
        };
        assert_eq!(late, Ok(counts));
        assert_eq!(judge_moves(&steps, &[]), Ok(LateMoves::default()));
    }

    #[test]
    fn a_late_move_that_was_made_is_found() {
        use MoveStep::{Asked, Done};
        let steps = [step(50, "a", 1, Asked), step(60, "a", 1, Done)];
        let violation = FencingViolation::Late {
            node: "a".to_owned(),
            lease: "mail#1/2".to_owned(),
            token: 1,
            taken: 3,
        };
        let seen = [taken(20, 1), taken(30, 2), taken(50, 3)];
        assert_eq!(judge_moves(&steps, &seen), Err(violation));
        // Another lease's tokens say nothing.
        let other = Taken {
            lease: "mail#2/2".to_owned(),
            ..taken(20, 9)
        };
        assert_eq!(judge_moves(&steps, &[other]), Ok(LateMoves::default()));
    }
}
