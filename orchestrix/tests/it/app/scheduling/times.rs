//! When what is scheduled is done, and in whose name.

use std::time::Duration;

use jiff::Timestamp;
use orchestrix::clock::Clock as _;
use orchestrix::message::MessageId;
use orchestrix::prelude::*;
use orchestrix::schedule::ScheduleError;
use orchestrix::store::{
    Payload, ScheduleOutcome, ScheduleStore as _, ScheduleStoreError, Scheduled,
};
use orchestrix::testkit::VirtualClock;

use super::{Books, MINUTE, id, note, start, texts, until};
use crate::app::Outcome;
use crate::app::stored::events;
use crate::app::test_store::TestStore;
use crate::app::waiting::LONG;

#[tokio::test]
async fn a_command_is_done_at_its_time_on_behalf_of_who_scheduled_it() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let app = start(&store, &clock, Books).await;
    let (chain, cause) = (MessageId::new(), MessageId::new());
    let schedule = app.schedule(note("a", "hello"), MINUTE).actor("ada");
    let schedule = schedule.correlation(chain.into()).caused_by(cause);
    let receipt = schedule.metadata("channel", "web").await?;
    let due = clock.now() + MINUTE;
    assert_eq!(receipt.outcome, ScheduleOutcome::Scheduled { due });
    let listed = app.scheduled().await?;
    assert_eq!((&listed[0].id, listed[0].due), (&receipt.id, due));
    assert_eq!(listed[0].name, "Note");
    until(&app, "it is known", |status| status.next == Some(due)).await;
    clock.advance(MINUTE - Duration::from_micros(1));
    // It is looked again, and nothing is done yet.
    let other = app.schedule(note("b", "early"), Timestamp::UNIX_EPOCH);
    other.await?;
    until(&app, "the other is done", |status| status.fired == 1).await;
    assert!(texts(&store, "a").await.is_empty());
    clock.advance(Duration::from_micros(1));
    until(&app, "it is done", |status| status.fired == 2).await;
    let stored = events(&store, "book-a").await;
    assert_eq!(stored.len(), 1);
    let metadata = &stored[0].data.metadata;
    assert_eq!(metadata.actor.as_deref(), Some("ada"));
    assert_eq!(metadata.correlation_id, Some(chain.into()));
    assert_eq!(
        metadata.extra.get("channel").map(String::as_str),
        Some("web")
    );
    assert_eq!(stored[0].data.occurred_at, due);
    let idle = until(&app, "all is done", |status| status.under_way == 0).await;
    assert_eq!((idle.next, idle.refused, idle.failed), (None, 0, 0));
    Ok(app.shutdown().await?)
}

#[tokio::test]
async fn commands_are_begun_in_the_order_of_their_times() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let app = start(&store, &clock, Books).await;
    for (text, seconds) in [("third", 30), ("first", 10), ("second", 20)] {
        let due = clock.now() + Duration::from_secs(seconds);
        app.schedule(note("a", text), due).await?;
    }
    clock.advance(MINUTE);
    until(&app, "all are done", |status| status.fired == 3).await;
    assert_eq!(texts(&store, "a").await, ["first", "second", "third"]);
    Ok(())
}

#[tokio::test]
async fn an_id_is_one_request() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let app = start(&store, &clock, Books).await;
    let schedule = |text: &str, wait| app.schedule(note("a", text), wait).id(id("one"));
    let due = clock.now() + MINUTE;
    schedule("hello", MINUTE).await?;
    let again = schedule("hello", MINUTE * 5).await?;
    assert_eq!(again.outcome, ScheduleOutcome::Waiting { due });
    match schedule("goodbye", MINUTE).await {
        Err(ScheduleError::Store(ScheduleStoreError::Taken { id: taken, name })) => {
            assert_eq!((taken, name.as_str()), (id("one"), "Note"));
        }
        outcome => panic!("{outcome:?}"),
    }
    clock.advance(MINUTE);
    until(&app, "it is done", |status| status.fired == 1).await;
    for text in ["hello", "goodbye"] {
        let again = schedule(text, MINUTE).await?;
        assert_eq!(again.outcome, ScheduleOutcome::Fired { at: due });
    }
    assert_eq!(texts(&store, "a").await, ["hello"]);
    // Thirty days later it is forgotten; that is looked for when something is fired.
    clock.advance(MINUTE * 60 * 24 * 31);
    app.schedule(note("b", "now"), Duration::ZERO).await?;
    until(&app, "another is done", |status| status.fired == 2).await;
    let tenant = TenantId::default();
    let again = Scheduled::new(
        tenant,
        id("one"),
        clock.now() + MINUTE,
        "command",
        "Note",
        Payload::of("")?,
    );
    // What is forgotten is told nowhere but by the store.
    let forgotten = async {
        loop {
            match store.memory.schedule(again.clone()).await? {
                ScheduleOutcome::Fired { .. } => tokio::task::yield_now().await,
                outcome => return Ok::<_, ScheduleStoreError>(outcome),
            }
        }
    };
    let outcome = tokio::time::timeout(LONG, forgotten).await??;
    assert!(matches!(outcome, ScheduleOutcome::Scheduled { .. }));
    Ok(())
}

/// A page of a list of many, and the next.
#[tokio::test]
async fn lists_go_on_behind_an_id() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let app = start(&store, &clock, Books).await;
    for n in 0..5 {
        let text = n.to_string();
        app.schedule(note("a", &text), MINUTE).id(id(&text)).await?;
    }
    let page = app.scheduled().limit(2).await?;
    let next = app.scheduled().limit(9).after(page[1].id.clone()).await?;
    let ids =
        |page: &[Scheduled]| -> Vec<String> { page.iter().map(|one| one.id.to_string()).collect() };
    assert_eq!(ids(&page), ["0", "1"]);
    assert_eq!(ids(&next), ["2", "3", "4"]);
    Ok(())
}

/// Without a clock that is set, time goes on by itself.
#[tokio::test]
async fn the_machines_clock_does_as_well() -> Outcome {
    let store = TestStore::new();
    let app = Orchestrix::builder().isolated().store(store.clone());
    let app = app.module(Books).start().await?;
    app.schedule(note("a", "hello"), Duration::from_millis(30))
        .into_future()
        .await?;
    until(&app, "it is done", |status| status.fired == 1).await;
    until(&app, "nothing waits", |status| status.under_way == 0).await;
    assert_eq!(store.memory.next_scheduled().await?, None);
    assert_eq!(texts(&store, "a").await, ["hello"]);
    Ok(())
}
