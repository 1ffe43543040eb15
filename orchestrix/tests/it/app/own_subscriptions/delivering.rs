//! It is served as event handlers are: retries, error policies, lanes, limits, dead letters, pauses.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::store::{DeadLetterSelection, GlobalPosition, RecordedEvent};
use orchestrix::subscription::{
    Delivery, ErrorPolicy, RetryPolicy, Subscription, SubscriptionState,
};

use crate::app::Outcome;
use crate::app::deliveries::counted;
use crate::app::waiting::{LONG, caught_up, eventually, retrying, status};

/// Fails at the third event while it is told to.
#[derive(Clone, Default)]
struct Audit {
    seen: Arc<Mutex<Vec<u64>>>,
    failing: Arc<AtomicBool>,
    tries: Arc<AtomicU32>,
}

impl Audit {
    fn take(&self, event: &RecordedEvent) -> Result<(), std::io::Error> {
        if event.position.get() == 3 && self.failing.load(SeqCst) {
            self.tries.fetch_add(1, SeqCst);
            return Err(std::io::Error::other("the disk is full"));
        }
        self.seen.lock().unwrap().push(event.position.get());
        Ok(())
    }

    fn seen(&self) -> Vec<u64> {
        let mut seen = self.seen.lock().unwrap().clone();
        seen.sort_unstable();
        seen
    }
}

async fn auditing(
    store: &MemoryStore,
    audit: &Audit,
    subscription: Subscription,
) -> Result<App, Box<dyn std::error::Error>> {
    let audit = audit.clone();
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let taking = move |event: RecordedEvent, _: EventContext| audit.take(&event);
    Ok(builder.subscription(subscription, taking).start().await?)
}

/// Six events in three streams, of which that of the third also has the sixth.
async fn six() -> Result<MemoryStore, Box<dyn std::error::Error>> {
    let store = MemoryStore::new();
    counted(&store, 1..=6).await?;
    Ok(store)
}

#[tokio::test(start_paused = true)]
async fn a_failing_event_is_parked_with_its_stream_and_retried() -> Outcome {
    let (store, audit) = (six().await?, Audit::default());
    audit.failing.store(true, SeqCst);
    let subscription = Subscription::new("audit")
        .retry(RetryPolicy::fixed(2, Duration::from_millis(10))?)
        .on_error(ErrorPolicy::DeadLetter);
    let app = auditing(&store, &audit, subscription).await?;
    caught_up(&app).await;
    assert_eq!(audit.seen(), [1, 2, 4, 5]);
    assert_eq!(audit.tries.load(SeqCst), 3, "once, and two retries");
    assert_eq!(status(&app, "audit").dead_letters, 2);
    audit.failing.store(false, SeqCst);
    let letters = app.dead_letters("audit")?;
    let dry = letters.dry_run(DeadLetterSelection::All).await?;
    assert!(dry.iter().all(|run| run.failure.is_none()), "{dry:?}");
    assert_eq!(audit.seen(), [1, 2, 4, 5], "a rehearsal has no effect");
    letters.retry(DeadLetterSelection::All).await?;
    letters.served(LONG).await?;
    assert_eq!(audit.seen(), [1, 2, 3, 4, 5, 6]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_delivery_under_its_name_goes_before_its_own() -> Outcome {
    let (store, audit) = (six().await?, Audit::default());
    audit.failing.store(true, SeqCst);
    let mut skipping = Delivery::default();
    skipping.retry = RetryPolicy::none();
    skipping.on_error = ErrorPolicy::Skip;
    let taking = audit.clone();
    let app = Orchestrix::builder()
        .isolated()
        .store(store.clone())
        .delivery("audit", skipping)
        .subscription(
            Subscription::new("audit").on_error(ErrorPolicy::DeadLetter),
            move |event: RecordedEvent, _: EventContext| taking.take(&event),
        )
        .start()
        .await?;
    caught_up(&app).await;
    let status = status(&app, "audit");
    assert_eq!((status.skipped, status.dead_letters), (1, 0));
    assert_eq!(audit.seen(), [1, 2, 4, 5, 6]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn lanes_divide_its_streams() -> Outcome {
    let (store, audit) = (six().await?, Audit::default());
    audit.failing.store(true, SeqCst);
    let subscription = Subscription::new("audit").lanes(64);
    let app = auditing(&store, &audit, subscription).await?;
    let (status, error) = retrying(&app, "audit").await;
    assert!(error.contains("the disk is full"), "{error}");
    eventually("the other lanes go on", || audit.seen() == [1, 2, 4, 5]).await;
    assert!(status.position < GlobalPosition::new(3));
    audit.failing.store(false, SeqCst);
    caught_up(&app).await;
    assert_eq!(audit.seen(), [1, 2, 3, 4, 5, 6]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_event_may_not_take_longer_than_its_limit() -> Outcome {
    let store = six().await?;
    let subscription = Subscription::new("slow").timeout(Duration::from_millis(20));
    let app = Orchestrix::builder()
        .isolated()
        .store(store)
        .subscription(subscription, |_: RecordedEvent, _: EventContext| {
            std::future::pending::<()>()
        })
        .start()
        .await?;
    let (_, error) = retrying(&app, "slow").await;
    assert!(error.contains("20ms"), "{error}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_is_paused_and_resumed() -> Outcome {
    let (store, audit) = (six().await?, Audit::default());
    let app = auditing(&store, &audit, Subscription::new("audit")).await?;
    caught_up(&app).await;
    app.pause_subscription("audit")?;
    eventually("it rests", || {
        matches!(status(&app, "audit").state, SubscriptionState::Paused)
    })
    .await;
    counted(&store, 7..=8).await?;
    assert_eq!(app.lag("audit").await?.events, 2);
    app.resume_subscription("audit")?;
    caught_up(&app).await;
    assert_eq!(audit.seen(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(app.lag("audit").await?.events, 0);
    Ok(())
}
