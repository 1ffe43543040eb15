//! What modules and event handlers schedule.

use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::schedule::ScheduleError;
use orchestrix::store::IdempotencyKey;
use orchestrix::testkit::VirtualClock;

use super::{Book, Books, Echo, MINUTE, NoteLater, id, note, start, texts, until};
use crate::app::Outcome;
use crate::app::test_store::TestStore;
use crate::app::waiting::LONG;

#[tokio::test]
async fn a_modules_command_schedules_once_under_its_key() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let app = start(&store, &clock, Books).await;
    let later = |text: &str| {
        let later = NoteLater {
            text: text.to_owned(),
        };
        app.dispatch(later)
    };
    let key = IdempotencyKey::new("later")?;
    for _ in 0..2 {
        later("hello").idempotency_key(key.clone()).await?;
    }
    let ids: Vec<_> = app
        .scheduled()
        .await?
        .into_iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(ids, [id("later/1"), id("later/2")]);
    let long = IdempotencyKey::new("k".repeat(199))?;
    let error = later("hello")
        .idempotency_key(long)
        .await
        .expect_err("there is no room");
    assert!(matches!(
        error.rejection(),
        Some(ScheduleError::InvalidId {
            command: "Note",
            ..
        })
    ));
    // A module's command can be scheduled, too, and what it schedules is derived from its id.
    let all = NoteLater {
        text: "again".to_owned(),
    };
    app.schedule(all, Duration::ZERO).id(id("all")).await?;
    until(&app, "it is done", |status| status.fired == 1).await;
    let ids: Vec<_> = app
        .scheduled()
        .await?
        .into_iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(
        ids,
        ["later/1", "later/2", "schedule/all/1", "schedule/all/2"].map(id)
    );
    clock.advance(MINUTE);
    until(&app, "all are done", |status| status.fired == 5).await;
    assert_eq!(texts(&store, "x").await.len(), 2);
    Ok(())
}

#[tokio::test]
async fn an_event_handler_schedules() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let app = start(&store, &clock, Echo).await;
    let red = TenantId::new("red")?;
    let receipt = app.dispatch(note("a", "hello")).tenant(red.clone()).await?;
    app.caught_up(receipt.position, LONG).await?;
    let waits = app.scheduled().tenant(red.clone()).await?;
    assert_eq!(waits[0].id.as_str(), receipt.events[0].event_id.to_string());
    clock.advance(MINUTE);
    until(&app, "it is done", |status| status.fired == 1).await;
    let book = app.load::<Book>("echo").tenant(red).await?;
    assert_eq!(book.version.get(), 1);
    Ok(())
}
