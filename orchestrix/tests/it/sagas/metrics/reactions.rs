//! Sagas of reactions.

use orchestrix::prelude::*;
use orchestrix::testkit::VirtualClock;

use super::recorder;
use crate::app::waiting::eventually;
use crate::sagas::idle;
use crate::sagas::reactions::deadline::Deadline;
use crate::sagas::reactions::orders::{Hold, Pay};
use crate::sagas::reactions::{HOUR, app, place};

#[tokio::test(start_paused = true)]
async fn reactions_refusals_and_the_one_end_are_counted() {
    let (mut recorded, _guard) = recorder();
    let clock = VirtualClock::default();
    let app = app(MemoryStore::new(), &clock).await;
    let order = || "refused".to_owned();
    place(&app, "refused").await;
    app.dispatch(Hold { order: order() }).await.unwrap();
    idle(&app).await;
    clock.advance(HOUR / 4);
    app.dispatch(Pay { order: order() }).await.unwrap();
    idle(&app).await;
    let expected = [
        ("orchestrix_saga_reactions_total deadline default", 3),
        ("orchestrix_saga_rejections_total deadline default Ship", 1),
        ("orchestrix_sagas_ended_total deadline default completed", 1),
        ("orchestrix_sagas_started_total deadline default", 1),
    ];
    // It ended before it reacted to the refusal.
    assert_eq!(recorded.counted(), expected);
    let took = &recorded.seconds["orchestrix_saga_duration_seconds deadline default completed"];
    assert_eq!(took[..], [900.0]);

    app.reset_subscription("saga.deadline").await.unwrap();
    idle(&app).await;
    assert_eq!(recorded.counted(), expected);
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn timers_and_those_that_are_stuck_are_counted() {
    let (mut recorded, _guard) = recorder();
    let clock = VirtualClock::default();
    let app = app(MemoryStore::new(), &clock).await;
    place(&app, "held").await;
    let order = "held".to_owned();
    app.dispatch(Hold { order }).await.unwrap();
    idle(&app).await;
    clock.advance(HOUR);
    eventually("the timer fires", || app.schedule_status().fired == 1).await;
    idle(&app).await;
    let sagas = app.reacting::<Deadline>();
    sagas.resolve("held", "was called off").await.unwrap();
    let expected = [
        ("orchestrix_saga_reactions_total deadline default", 3),
        (
            "orchestrix_saga_rejections_total deadline default Cancel",
            1,
        ),
        (
            "orchestrix_saga_timers_fired_total deadline default overdue",
            1,
        ),
        ("orchestrix_sagas_ended_total deadline default completed", 1),
        ("orchestrix_sagas_started_total deadline default", 1),
        ("orchestrix_sagas_stuck_total deadline default", 1),
    ];
    assert_eq!(recorded.counted(), expected);
    let took = &recorded.seconds["orchestrix_saga_duration_seconds deadline default completed"];
    assert_eq!(took[..], [3_600.0]);
    app.shutdown().await.unwrap();
}
