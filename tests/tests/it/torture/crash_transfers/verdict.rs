//! What must be true of transfers when all have ended.

mod tests;

use std::fmt;

use ::tests::crash_transfers::TransferPlan;
use orchestrix::saga::SagaOutcome;

use super::evidence::{Effects, Evidence, Found};

/// How many transfers ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) completed: usize,
    /// Their debits were refused.
    pub(super) refused: usize,
    /// Their credits were refused.
    pub(super) reversed: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} completed, {} refused, {} reversed",
            self.completed, self.refused, self.reversed
        )
    }
}

/// What must not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Violation {
    #[error("{id} began {starts} times, and ended {ends:?}")]
    Ends {
        id: String,
        starts: usize,
        ends: Vec<SagaOutcome>,
    },
    #[error("{id} ended as {outcome}, which does not go with {effects:?}")]
    Effects {
        id: String,
        outcome: SagaOutcome,
        effects: Effects,
    },
    #[error("{id}, which nobody had asked for, did {effects:?}")]
    Stranger { id: String, effects: Effects },
    #[error("there are {found} pence, and there were {expected}")]
    Sum { found: i64, expected: i64 },
    #[error("{account} had {least} pence at the least")]
    Overdrawn { account: String, least: i64 },
    #[error("{account} says {said:?} of balance and of what it holds, and its events {counted}")]
    Balance {
        account: String,
        said: (i64, i64),
        counted: i64,
    },
}

/// Judges what was found.
pub(super) fn judge(evidence: &Evidence) -> Result<Counts, Vec<Violation>> {
    let mut counts = Counts::default();
    let mut violations = Vec::new();
    for (id, found) in &evidence.transfers {
        if let Err(violation) = judge_one(id, found, &mut counts) {
            violations.push(violation);
        }
    }
    let strangers = evidence.strangers.iter();
    violations.extend(strangers.map(|(id, effects)| Violation::Stranger {
        id: id.clone(),
        effects: effects.clone(),
    }));
    for (account, said) in &evidence.said {
        let (counted, least) = evidence.counted.get(account).copied().unwrap_or_default();
        let (account, said) = (account.to_string(), *said);
        if said != (counted, 0) {
            let account = account.clone();
            violations.push(Violation::Balance {
                account,
                said,
                counted,
            });
        }
        if least < 0 {
            violations.push(Violation::Overdrawn { account, least });
        }
    }
    let found = evidence.counted.values().map(|(balance, _)| balance).sum();
    let expected = TransferPlan::sum();
    if found != expected {
        violations.push(Violation::Sum { found, expected });
    }
    match violations.is_empty() {
        true => Ok(counts),
        false => Err(violations),
    }
}

fn judge_one(id: &str, found: &Found, counts: &mut Counts) -> Result<(), Violation> {
    let (starts, [outcome]) = (found.starts, &found.ends[..]) else {
        return Err(ends(id, found));
    };
    if starts != 1 {
        return Err(ends(id, found));
    }
    let effects = &found.effects;
    let debit = vec![(found.asked.from.clone(), found.asked.pence)];
    let credit = vec![(found.asked.to.clone(), found.asked.pence)];
    let nothing = Effects::default();
    let moved = Effects {
        debits: debit.clone(),
        credits: credit,
        settled: debit.clone(),
        ..Effects::default()
    };
    let reversed = Effects {
        debits: debit.clone(),
        reversals: debit,
        ..Effects::default()
    };
    match (outcome, found.refused) {
        (SagaOutcome::Completed, (false, false)) if *effects == moved => counts.completed += 1,
        (SagaOutcome::Compensated, _) if *effects == nothing => counts.refused += 1,
        (SagaOutcome::Compensated, (false, _)) if *effects == reversed => counts.reversed += 1,
        _ => {
            return Err(Violation::Effects {
                id: id.to_owned(),
                outcome: *outcome,
                effects: effects.clone(),
            });
        }
    }
    Ok(())
}

fn ends(id: &str, found: &Found) -> Violation {
    Violation::Ends {
        id: id.to_owned(),
        starts: found.starts,
        ends: found.ends.clone(),
    }
}

pub(super) fn accusation(violations: &[Violation]) -> String {
    let first: Vec<_> = violations
        .iter()
        .take(20)
        .map(|it| format!("- {it}"))
        .collect();
    format!("{} violations:\n{}", violations.len(), first.join("\n"))
}
