//! The ledger finds each kind of damage, and nothing where there is none.

use super::{LeaseSeen, LeaseViolation, Ledger};

fn lease(name: &str, node: Option<&str>, token: i64) -> LeaseSeen {
    LeaseSeen {
        name: name.to_owned(),
        node: node.map(str::to_owned),
        token,
        lasts: true,
    }
}

/// What comes of a look at one lease behind another one.
fn then(before: (Option<&str>, i64), after: (Option<&str>, i64)) -> Result<(), LeaseViolation> {
    let mut ledger = Ledger::default();
    ledger.look(&[lease("mail#1/2", before.0, before.1)])?;
    ledger
        .look(&[lease("mail#1/2", after.0, after.1)])
        .map(|_| ())
}

#[test]
fn leases_that_are_kept_given_back_and_taken_are_sound() {
    let mut ledger = Ledger::default();
    let first = lease("mail#1/2", Some("a"), 1);
    let looks = [
        vec![],
        vec![first.clone()],
        vec![first, lease("total@1", Some("b"), 1)],
        vec![lease("mail#1/2", None, 1), lease("total@1", Some("a"), 4)],
        vec![lease("mail#1/2", Some("a"), 3), lease("total@1", None, 5)],
    ];
    // How many are newer than at the look before.
    let newer = [0, 1, 1, 1, 2];
    for (look, newer) in looks.iter().zip(newer) {
        assert_eq!(
            ledger.look(look).map(|found| found.len()),
            Ok(newer),
            "{look:?}"
        );
    }
    assert_eq!((ledger.looks(), ledger.passed_on()), (5, 6));
    // The one was given back before the first of its two new tokens, the other was held each time.
    assert_eq!(
        (
            ledger.taken("mail#"),
            ledger.taken("total"),
            ledger.taken("")
        ),
        (1, 4, 5)
    );
}

#[test]
fn a_lease_whose_time_has_ended_has_no_holder() {
    let mut ended = lease("mail#1/2", Some("a"), 1);
    assert_eq!(ended.holder(), Some("a"));
    ended.lasts = false;
    assert_eq!(ended.holder(), None);
    assert_eq!(lease("mail#1/2", None, 1).holder(), None);
}

#[test]
fn a_token_with_two_holders_is_found() {
    let passed_on = |violation| matches!(violation, Err(LeaseViolation::PassedOn { token: 2, .. }));
    assert!(passed_on(then((Some("a"), 2), (Some("b"), 2))));
    // What was given back is taken with a new token, also by who had it.
    assert!(passed_on(then((None, 2), (Some("a"), 2))));
}

#[test]
fn a_token_that_falls_and_a_lease_that_is_lost_or_doubled_are_found() {
    let fell = then((Some("a"), 3), (Some("b"), 2));
    assert!(
        matches!(
            fell,
            Err(LeaseViolation::TokenFell {
                before: 3,
                after: 2,
                ..
            })
        ),
        "{fell:?}"
    );
    let mut ledger = Ledger::default();
    let one = lease("mail#1/2", Some("a"), 1);
    assert_eq!(
        ledger.look(std::slice::from_ref(&one)),
        Ok(vec![one.clone()])
    );
    let name = one.name.clone();
    assert_eq!(ledger.look(&[]), Err(LeaseViolation::Gone { name }));
    let twice = ledger.look(&[one.clone(), lease("mail#1/2", Some("b"), 2)]);
    assert_eq!(twice, Err(LeaseViolation::Twice { name: one.name }));
}
