//! The verdict finds what must not be.

use ::tests::crash_transfers::OPENING_PENCE;
use banking::domain::{AccountId, TransferSaga};

use super::super::evidence::{Effects, Evidence, Found};
use super::{Counts, SagaOutcome, TransferPlan, Violation, judge};

const PENCE: i64 = 30;

fn a(number: u64) -> AccountId {
    TransferPlan::account(number)
}

fn found(ends: &[SagaOutcome], effects: Effects) -> Found {
    Found {
        asked: TransferSaga {
            from: a(0),
            to: a(1),
            pence: PENCE,
        },
        refused: (false, false),
        starts: 1,
        ends: ends.to_vec(),
        effects,
    }
}

fn moved() -> Effects {
    Effects {
        debits: vec![(a(0), PENCE)],
        credits: vec![(a(1), PENCE)],
        settled: vec![(a(0), PENCE)],
        reversals: Vec::new(),
    }
}

fn reversed() -> Effects {
    Effects {
        debits: vec![(a(0), PENCE)],
        reversals: vec![(a(0), PENCE)],
        ..Effects::default()
    }
}

/// With these transfers, the first of which was completed.
fn evidence(transfers: impl IntoIterator<Item = Found>) -> Evidence {
    let mut evidence = Evidence::default();
    for (number, found) in transfers.into_iter().enumerate() {
        evidence.transfers.insert(TransferPlan::id(number), found);
    }
    for number in 0..20 {
        let balance = match (TransferPlan::is_closed(number), number) {
            (true, _) => 0,
            (_, 0) => OPENING_PENCE - PENCE,
            (_, 1) => OPENING_PENCE + PENCE,
            _ => OPENING_PENCE,
        };
        evidence.counted.insert(a(number), (balance, 0));
        evidence.said.insert(a(number), (balance, 0));
    }
    evidence
}

fn completed() -> Found {
    found(&[SagaOutcome::Completed], moved())
}

#[test]
fn what_is_right_is_counted() {
    let nothing = found(&[SagaOutcome::Compensated], Effects::default());
    let back = found(&[SagaOutcome::Compensated], reversed());
    let counts = Counts {
        completed: 1,
        refused: 1,
        reversed: 1,
    };
    assert_eq!(judge(&evidence([completed(), nothing, back])), Ok(counts));
}

#[test]
fn a_transfer_has_one_beginning_and_one_end() {
    let twice = [SagaOutcome::Completed, SagaOutcome::Compensated];
    let mut begun_twice = completed();
    begun_twice.starts = 2;
    for wrong in [found(&[], moved()), found(&twice, moved()), begun_twice] {
        let violation = Violation::Ends {
            id: "t0".to_owned(),
            starts: wrong.starts,
            ends: wrong.ends.clone(),
        };
        assert_eq!(judge(&evidence([wrong])), Err(vec![violation]));
    }
}

#[test]
fn effects_go_with_the_outcome_and_come_once() {
    let (completed, compensated) = (SagaOutcome::Completed, SagaOutcome::Compensated);
    let doubled = |of: fn(&mut Effects) -> &mut Vec<(AccountId, i64)>, mut effects: Effects| {
        let first = of(&mut effects)[0].clone();
        of(&mut effects).push(first);
        effects
    };
    let elsewhere = Effects {
        credits: vec![(a(2), PENCE)],
        ..moved()
    };
    let kept = Effects {
        reversals: Vec::new(),
        ..reversed()
    };
    let mut wrong = vec![
        found(&[completed], Effects::default()),
        found(&[completed], reversed()),
        found(&[compensated], moved()),
        found(&[SagaOutcome::CompensationFailed], reversed()),
        found(&[completed], elsewhere),
        found(&[compensated], kept),
        found(&[completed], doubled(|it| &mut it.debits, moved())),
        found(&[completed], doubled(|it| &mut it.credits, moved())),
        found(&[completed], doubled(|it| &mut it.settled, moved())),
        found(&[compensated], doubled(|it| &mut it.reversals, reversed())),
    ];
    let mut refused = found(&[completed], moved());
    refused.refused = (false, true);
    let mut debited = found(&[compensated], reversed());
    debited.refused = (true, false);
    wrong.extend([refused, debited]);
    for wrong in wrong {
        let violation = Violation::Effects {
            id: "t0".to_owned(),
            outcome: wrong.ends[0],
            effects: wrong.effects.clone(),
        };
        assert_eq!(judge(&evidence([wrong])), Err(vec![violation]));
    }
}

#[test]
fn money_is_counted() {
    let mut more = evidence([completed()]);
    more.counted.insert(a(5), (OPENING_PENCE + 1, 0));
    more.said.insert(a(5), (OPENING_PENCE + 1, 0));
    let (found, expected) = (TransferPlan::sum() + 1, TransferPlan::sum());
    assert_eq!(judge(&more), Err(vec![Violation::Sum { found, expected }]));

    let mut below = evidence([completed()]);
    below.counted.insert(a(5), (OPENING_PENCE, -1));
    let account = "a5".to_owned();
    let overdrawn = Violation::Overdrawn { account, least: -1 };
    assert_eq!(judge(&below), Err(vec![overdrawn]));

    for said in [(OPENING_PENCE - 1, 0), (OPENING_PENCE, 1)] {
        let mut other = evidence([completed()]);
        other.said.insert(a(5), said);
        let violation = Violation::Balance {
            account: "a5".to_owned(),
            said,
            counted: OPENING_PENCE,
        };
        assert_eq!(judge(&other), Err(vec![violation]));
    }
}

#[test]
fn strangers_are_found() {
    let mut strange = evidence([completed()]);
    strange.strangers.insert("t9".to_owned(), reversed());
    let violation = Violation::Stranger {
        id: "t9".to_owned(),
        effects: reversed(),
    };
    assert_eq!(judge(&strange), Err(vec![violation]));
}
