//! A replay reads what it needs, and comes to an end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use async_trait::async_trait;
use orchestrix::app::{Config, ReplayEnd, ReplayError};
use orchestrix::message::MessageId;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, AppendError, Appended, ChangeSignal, Changes, EventStore, ExpectedVersion,
    GlobalPosition, IdempotencyKey, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId,
    TenantId,
};
use orchestrix::subscription::{StartFrom, Subscription, SubscriptionState, SubscriptionStatus};
use serde_json::json;
use tokio::time::Instant;

use super::search::{Calls, INDEX, Search};
use crate::app::Outcome;
use crate::app::counter::{Counting, count};
use crate::app::deliveries::counted;
use crate::app::own_subscriptions::ReadLog;
use crate::app::stored::{event, stream};
use crate::app::waiting::{caught_up, eventually};

/// A log that goes on for ever, or says so and gives nothing.
#[derive(Debug, Clone)]
struct Endless {
    gives: bool,
    signal: ChangeSignal,
}

#[async_trait]
impl EventStore for Endless {
    async fn append(&self, _: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        Vec::new()
    }

    async fn read_stream(&self, _: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        Ok(Vec::new())
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        let last = read.after.get() + if self.gives { read.limit as u64 } else { 0 };
        let events = (read.after.get() + 1..=last).map(|position| {
            let data = event("Counted", 1, json!({ "counter": "a", "by": 1 }));
            let version = StreamVersion::new(position);
            RecordedEvent::new(
                GlobalPosition::new(position),
                stream("counter-a"),
                version,
                data,
            )
        });
        Ok(Page {
            events: events.collect(),
            scanned_to: GlobalPosition::new(last),
            at_head: false,
        })
    }

    async fn find_event(
        &self,
        _: &TenantId,
        _: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        Ok(None)
    }

    async fn outcome_of(
        &self,
        _: &TenantId,
        _: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        Ok(None)
    }

    async fn archive_stream(
        &self,
        _: &StreamId,
        _: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        Ok(StreamVersion::NONE)
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        Ok(GlobalPosition::new(i64::MAX as u64))
    }

    fn changes(&self) -> Changes {
        self.signal.subscribe()
    }
}

/// An app over it whose subscription consumes nothing by itself, and counts what is replayed.
async fn endless(gives: bool) -> Result<(App, Arc<AtomicU64>), Box<dyn std::error::Error>> {
    let signal = ChangeSignal::new();
    let replayed = Arc::new(AtomicU64::new(0));
    let counting = replayed.clone();
    let app = Orchestrix::builder()
        .isolated()
        .store(MemoryStore::new())
        .events(Arc::new(Endless { gives, signal }))
        .subscription(
            Subscription::new("endless").start(StartFrom::End),
            move |_: RecordedEvent, cx: ReplayContext| {
                counting.fetch_add(u64::from(cx.is_replay()), SeqCst);
            },
        )
        .start()
        .await?;
    app.pause_subscription("endless")?;
    Ok((app, replayed))
}

#[tokio::test(start_paused = true)]
async fn a_log_without_end_is_replayed_as_far_as_is_said() -> Outcome {
    let (app, replayed) = endless(true).await?;
    let report = app.replay("endless").max_events(2_500).await?;
    assert_eq!(
        (report.delivered, report.end),
        (2_500, ReplayEnd::MaxEvents)
    );
    assert_eq!(report.last_position.map(|at| at.get()), Some(2_500));
    assert_eq!(replayed.load(SeqCst), 2_500);
    let none = app.replay("endless").max_events(0).await?;
    assert_eq!((none.delivered, none.end), (0, ReplayEnd::MaxEvents));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_log_that_promises_more_and_gives_nothing_is_given_up() -> Outcome {
    let (app, _) = endless(false).await?;
    let began = Instant::now();
    let replayed = app.replay("endless").await;
    assert!(
        matches!(replayed, Err(ReplayError::Timeout { .. })),
        "{replayed:?}"
    );
    assert!(began.elapsed() < Config::default().view_timeout + Duration::from_secs(1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn each_page_is_bounded_and_goes_on_after_the_one_before() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    counted(&store, 1..=7).await?;
    let log = ReadLog::of(&store);
    let mut config = Config::default();
    config.handler_page = 3;
    let app = Orchestrix::builder()
        .isolated()
        .store(store)
        .events(Arc::new(log.clone()))
        .module(Search(calls.clone()))
        .config(config)
        .start()
        .await?;
    caught_up(&app).await;
    for subscription in app.subscriptions() {
        app.pause_subscription(&subscription.name)?;
    }
    eventually("nobody else reads", || {
        let all = app.subscriptions();
        let paused = |it: &SubscriptionStatus| matches!(it.state, SubscriptionState::Paused);
        all.iter().all(paused)
    })
    .await;
    let before = log.pages().len();
    let report = app.replay(INDEX).max_events(5).await?;
    assert_eq!(report.delivered, 5);
    assert_eq!(log.pages()[before..], [(0, 3), (3, 2)]);
    Ok(())
}

/// What a handler, or anybody, appends meanwhile is not part of it.
#[tokio::test(start_paused = true)]
async fn it_ends_where_the_log_ended_when_it_began() -> Outcome {
    let store = MemoryStore::new();
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.module(Counting).start().await?;
    for by in 1..=3 {
        app.dispatch(count("a", by)).await?;
    }
    let appending = app.clone();
    let app = Orchestrix::builder()
        .isolated()
        .store(store)
        .subscription(
            Subscription::new("feeding").start(StartFrom::End),
            move |_: RecordedEvent, cx: ReplayContext| {
                let app = appending.clone();
                async move {
                    if cx.is_replay() {
                        app.dispatch(count("a", 1)).await?;
                    }
                    Ok::<_, orchestrix::app::DispatchError<_>>(())
                }
            },
        )
        .start()
        .await?;
    let report = app.replay("feeding").await?;
    assert_eq!(report.delivered, 3);
    assert!(report.is_complete());
    Ok(())
}
