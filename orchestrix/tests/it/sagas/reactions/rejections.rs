//! What the domain refuses comes back to the saga.

use orchestrix::prelude::*;
use orchestrix::saga::{SagaChange, SagaError, SagaOutcome, SagaStatus};
use orchestrix::testkit::VirtualClock;

use super::deadline::Deadline;
use super::orders::{Hold, Pay};
use super::{HOUR, app, history, order, place};
use crate::app::waiting::eventually;
use crate::sagas::idle;

#[tokio::test(start_paused = true)]
async fn a_refusal_is_reacted_to_also_after_the_end() {
    let app = app(MemoryStore::new(), &VirtualClock::default()).await;
    let id = || "held".to_owned();
    place(&app, "held").await;
    app.dispatch(Hold { order: id() }).await.unwrap();
    app.dispatch(Pay { order: id() }).await.unwrap();
    idle(&app).await;
    let done = order(&app, "held").await;
    assert_eq!((done.shipped, done.escalated), (0, 1));
    let history = history(&app, "held").await;
    let completed = SagaStatus::Ended(SagaOutcome::Completed);
    assert_eq!(history.status, completed);
    let [_, _, refused, answered] = &history.entries[..] else {
        panic!("{history:?}");
    };
    let SagaChange::CommandRejected { command, reason } = &refused.what else {
        panic!("{refused:?}");
    };
    assert_eq!(command, "Ship");
    assert!(reason.contains("Held"), "{reason}");
    let answer = answered.what.to_string();
    assert!(answer.contains("asked for `Escalate`"), "{answer}");
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refusal_without_an_answer_leaves_it_stuck_until_somebody_sees_to_it() {
    let clock = VirtualClock::default();
    let app = app(MemoryStore::new(), &clock).await;
    let id = || "stuck".to_owned();
    place(&app, "stuck").await;
    app.dispatch(Hold { order: id() }).await.unwrap();
    idle(&app).await;
    let sagas = app.reacting::<Deadline>();
    let early = sagas.resolve("stuck", "nothing to see").await;
    let Err(SagaError::NotStuck { status, .. }) = early else {
        panic!("{early:?}");
    };
    assert_eq!(status, SagaStatus::Running);
    clock.advance(HOUR);
    eventually("the timer fires", || app.schedule_status().fired == 1).await;
    idle(&app).await;
    assert_eq!(order(&app, "stuck").await.cancelled, 0);
    let stuck = history(&app, "stuck").await;
    assert_eq!(
        (stuck.status, stuck.status.to_string()),
        (SagaStatus::Stuck, "stuck".to_owned())
    );
    sagas
        .resolve("stuck", "was called off by phone")
        .await
        .unwrap();
    let resolved = history(&app, "stuck").await;
    assert_eq!(resolved.status, SagaStatus::Ended(SagaOutcome::Completed));
    let note = resolved.entries.last().map(|entry| entry.what.to_string());
    assert_eq!(note.as_deref(), Some("resolved: was called off by phone"));
    let none = sagas.resolve("nobody", "").await;
    assert!(matches!(none, Err(SagaError::NotFound { .. })), "{none:?}");
    app.shutdown().await.unwrap();
}
