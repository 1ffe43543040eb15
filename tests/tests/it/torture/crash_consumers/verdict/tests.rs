//! The verdict finds each kind of damage, and nothing where there is none.

use ::tests::crash_bank::{Acknowledged, Handled};

use super::super::evidence::{Evidence, Logged, ViewFound};
use super::super::recount::{DEPOSITED, recount};
use super::{Counts, Extent, Violation, delivery, judge, judge_nodes};

/// Two streams side by side; the handler was killed behind its fourth event, and was given two of them again.
fn sound() -> Evidence {
    let event = |position: u64, account: &str, version, event_type: &str| Logged {
        stream: format!("east/account-{account}"),
        version,
        position,
        event_id: format!("event-{position}"),
        tenant: "east".to_owned(),
        event_type: event_type.to_owned(),
        account: account.to_owned(),
        pence: 100 + position as i64,
    };
    let log = vec![
        event(1, "a", 1, DEPOSITED),
        event(2, "b", 1, DEPOSITED),
        event(3, "a", 2, DEPOSITED),
        event(4, "a", 3, "CrashBankWithdrawn"),
        event(6, "b", 2, DEPOSITED),
        event(7, "a", 4, DEPOSITED),
    ];
    let given = |positions: &[u64]| {
        let found = |at: &u64| log.iter().find(|event| event.position == *at);
        let events = positions.iter().filter_map(found);
        events.map(delivery).collect::<Vec<_>>()
    };
    let view = |name| ViewFound {
        name,
        checkpoint: 7,
        documents: recount(name, &log, 7),
    };
    Evidence {
        // The last event's writer was killed before it was told.
        acknowledged: log[..5].iter().map(acknowledgement).collect(),
        runs: vec![given(&[1, 2, 3, 6]), given(&[3, 6, 7])],
        handler_checkpoint: 7,
        views: ["balance", "sizes", "whole"].map(view).to_vec(),
        log,
    }
}

fn acknowledgement(event: &Logged) -> Acknowledged {
    Acknowledged {
        stream: event.stream.clone(),
        version: event.version,
        event_id: event.event_id.clone(),
    }
}

/// What the verdict says first of the sound evidence after a change to it.
fn accused(change: impl FnOnce(&mut Evidence)) -> Violation {
    let mut evidence = sound();
    change(&mut evidence);
    let violations = judge(&evidence, Extent::ToTheEnd).expect_err("the damage was not found");
    violations[0].clone()
}

#[test]
fn sound_evidence_is_counted() {
    let counts = Counts {
        acknowledged: 5,
        logged: 6,
        handled: 5,
        redelivered: 2,
    };
    assert_eq!(judge(&sound(), Extent::ToTheEnd), Ok(counts));
}

#[test]
fn consumers_that_were_killed_may_be_behind_and_must_be_right_all_the_same() {
    let mut evidence = sound();
    evidence.handler_checkpoint = 3;
    evidence.runs = vec![evidence.runs[0].clone()];
    for view in &mut evidence.views {
        view.checkpoint = 4;
        view.documents = recount(view.name, &evidence.log, 4);
    }
    assert!(judge(&evidence, Extent::AsFarAsTheySay).is_ok());
    let behind = judge(&evidence, Extent::ToTheEnd).expect_err("they are behind");
    let is_behind = |violation: &Violation| matches!(violation, Violation::Behind { .. });
    assert_eq!(behind.len(), 4);
    assert!(behind.iter().all(is_behind), "{behind:?}");
    // A document that is ahead of its checkpoint will be folded into again.
    evidence.views[2].documents = recount("whole", &evidence.log, 6);
    assert!(judge(&evidence, Extent::AsFarAsTheySay).is_err());
}

#[test]
fn damage_to_the_log_is_found() {
    // The last acknowledged event of a stream went missing, and nobody has seen it.
    let lost = accused(|it| {
        let gone = it.log.remove(4);
        it.runs[0].retain(|given| given.position != gone.position);
        it.runs[1].retain(|given| given.position != gone.position);
        for view in &mut it.views {
            view.documents = recount(view.name, &it.log, 7);
        }
    });
    assert!(matches!(lost, Violation::Lost { version: 2, .. }), "{lost}");
    let elsewhere = accused(|it| it.acknowledged[0].version = 9);
    assert!(matches!(elsewhere, Violation::Lost { .. }), "{elsewhere}");
    let doubled = accused(|it| it.log[5].event_id = it.log[3].event_id.clone());
    assert!(matches!(doubled, Violation::Doubled { .. }), "{doubled}");
    let gap = accused(|it| it.log[5].version = 5);
    assert!(matches!(gap, Violation::NotDense { found: 5, .. }), "{gap}");
    let swapped = accused(|it| it.log.swap(1, 2));
    assert!(
        matches!(swapped, Violation::LogOutOfOrder { .. }),
        "{swapped}"
    );
}

#[test]
fn a_document_that_counts_twice_or_not_at_all_is_found() {
    for view in 0..3 {
        let doubled = accused(|it| {
            for sums in it.views[view].documents.values_mut() {
                sums.events *= 2;
                sums.pence *= 2;
            }
        });
        assert!(matches!(doubled, Violation::WrongView { .. }), "{doubled}");
        let missed = accused(|it| {
            let log = &it.log[..5];
            it.views[view].documents = recount(it.views[view].name, log, 7);
        });
        assert!(matches!(missed, Violation::WrongView { .. }), "{missed}");
        let gone = accused(|it| it.views[view].documents.clear());
        assert!(
            matches!(gone, Violation::WrongView { found: None, .. }),
            "{gone}"
        );
    }
}

#[test]
fn a_delivery_that_never_came_or_never_should_have_come_is_found() {
    let unhandled = accused(|it| {
        it.runs[1].pop();
    });
    assert!(
        matches!(unhandled, Violation::Unhandled { version: 4, .. }),
        "{unhandled}"
    );
    // The withdrawal is no event of the handler's.
    let imagined = accused(|it| it.runs[1].insert(1, delivery(&it.log[3])));
    assert!(
        matches!(imagined, Violation::Imagined { version: 3, .. }),
        "{imagined}"
    );
}

#[test]
fn deliveries_in_another_order_are_found() {
    // Versions 1 and 2 of one stream, the other way round.
    let swapped = accused(|it| it.runs[0].swap(0, 2));
    assert!(
        matches!(
            swapped,
            Violation::OutOfOrder {
                run: 0,
                before: 2,
                after: 1,
                ..
            }
        ),
        "{swapped}"
    );
    let twice_in_a_process = accused(|it| {
        let again = it.runs[0][3].clone();
        it.runs[0].push(again);
    });
    assert!(
        matches!(
            twice_in_a_process,
            Violation::OutOfOrder {
                run: 0,
                before: 2,
                after: 2,
                ..
            }
        ),
        "{twice_in_a_process}"
    );
    // Skipped by one process and made good for by the next.
    let made_good: Vec<Handled> = sound().runs[1].clone();
    let late = accused(|it| {
        it.runs = vec![
            vec![delivery(&it.log[1]), delivery(&it.log[2])],
            vec![delivery(&it.log[0])],
            made_good,
        ];
    });
    assert!(
        matches!(
            late,
            Violation::FirstTimesOutOfOrder {
                before: 2,
                after: 1,
                ..
            }
        ),
        "{late}"
    );
}

#[test]
fn nodes_beside_each_other_may_repeat_each_other_and_must_not_skip() {
    // Both go through the same events, and one of them comes late.
    let mut evidence = sound();
    let given = |at: &usize| delivery(&evidence.log[*at]);
    evidence.runs = vec![[0, 1, 2, 0, 4, 2, 5, 4].iter().map(given).collect()];
    let counts = judge_nodes(&evidence).expect("nothing is wrong");
    assert_eq!((counts.handled, counts.redelivered), (5, 3));
    assert!(judge(&evidence, Extent::ToTheEnd).is_err());

    // The second version of a stream, before the first of it was given to anybody.
    let mut skipped = evidence.clone();
    skipped.runs[0].swap(0, 2);
    let violations = judge_nodes(&skipped).expect_err("the order is wrong");
    assert!(
        matches!(
            violations[..],
            [Violation::FirstTimesOutOfOrder {
                before: 2,
                after: 1,
                ..
            }]
        ),
        "{violations:?}"
    );
    let mut behind = evidence.clone();
    behind.handler_checkpoint = 6;
    assert!(judge_nodes(&behind).is_err());
    let mut missed = evidence;
    missed.runs[0].retain(|given| given.position != 7);
    assert!(judge_nodes(&missed).is_err());
}
