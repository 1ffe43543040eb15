//! A reset beside a node that serves the subscription just then.

use std::sync::Arc;
use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::store::{CheckpointStore, RecordedEvent};
use orchestrix::subscription::{Subscription, SubscriptionState};
use tokio::sync::{Mutex, Semaphore};

use crate::app::Outcome;
use crate::app::deliveries::counted;
use crate::app::waiting::{caught_up, eventually, status};

const GATED: &str = "gated";

/// Takes an event for each permit, and notes it.
#[derive(Clone)]
struct Gated {
    permits: Arc<Semaphore>,
    begun: Arc<Mutex<Vec<u64>>>,
    node: &'static str,
    nodes: Arc<Mutex<Vec<&'static str>>>,
}

impl Gated {
    fn new(permits: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(permits)),
            begun: Arc::default(),
            node: "first",
            nodes: Arc::default(),
        }
    }

    async fn take(self, event: RecordedEvent) {
        self.begun.lock().await.push(event.position.get());
        self.nodes.lock().await.push(self.node);
        let permit = self.permits.acquire().await;
        permit.expect("it is never closed").forget();
    }

    async fn begun(&self) -> Vec<u64> {
        self.begun.lock().await.clone()
    }
}

async fn node(store: &MemoryStore, gated: &Gated) -> Result<App, orchestrix::app::StartError> {
    let gated = gated.clone();
    let taking = move |event: RecordedEvent, _: EventContext| gated.clone().take(event);
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let subscription = Subscription::new(GATED).timeout(Duration::from_secs(3_600));
    builder.subscription(subscription, taking).start().await
}

async fn begins(gated: &Gated, calls: usize) {
    loop {
        if gated.begun().await.len() >= calls {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// It has an event in hand when it is reset, and what it had done on the page is not kept.
#[tokio::test(start_paused = true)]
async fn what_a_node_has_in_hand_is_not_acknowledged() -> Outcome {
    let (store, gated) = (MemoryStore::new(), Gated::new(2));
    counted(&store, 1..=4).await?;
    let app = node(&store, &gated).await?;
    begins(&gated, 3).await;
    store.reset_checkpoints(GATED, Default::default()).await?;
    // It had no checkpoint, so there was nothing to reset.
    assert_eq!(store.checkpoint_resets(GATED).await?, 0);
    gated.permits.add_permits(2);
    caught_up(&app).await;
    counted(&store, 5..=8).await?;
    gated.permits.add_permits(1);
    begins(&gated, 6).await;
    assert_eq!(gated.begun().await, [1, 2, 3, 4, 5, 6]);
    // Somebody else does it: this node is told nothing.
    store.reset_checkpoints(GATED, Default::default()).await?;
    gated.permits.add_permits(100);
    eventually("it goes on from the new place", || {
        status(&app, GATED).resets == 1
    })
    .await;
    caught_up(&app).await;
    let begun = gated.begun().await;
    let again: Vec<u64> = (1..=8).collect();
    assert!(begun.ends_with(&again), "{begun:?}");
    assert_eq!(store.load_checkpoint(GATED).await?.get(), 8);
    Ok(())
}

/// The node that serves is another than the one that is asked, and there is nothing new in the log.
#[tokio::test(start_paused = true)]
async fn it_is_asked_of_a_node_that_stands_by() -> Outcome {
    let (store, gated) = (MemoryStore::new(), Gated::new(1_000));
    counted(&store, 1..=3).await?;
    let first = node(&store, &gated).await?;
    caught_up(&first).await;
    let second = Gated {
        node: "second",
        ..gated.clone()
    };
    let standby = node(&store, &second).await?;
    let serves = |app: &App| matches!(status(app, GATED).state, SubscriptionState::Live);
    let stands_by =
        |app: &App| matches!(status(app, GATED).state, SubscriptionState::Standby { .. });
    eventually("one of them serves", || {
        serves(&first) && stands_by(&standby) || serves(&standby) && stands_by(&first)
    })
    .await;
    let other = match serves(&first) {
        true => &standby,
        false => &first,
    };
    caught_up(other).await;
    let before = gated.nodes.lock().await.len();
    other.reset_subscription(GATED).await?;
    assert_eq!(status(other, GATED).resets, 1, "it is seen here, too");
    caught_up(other).await;
    caught_up(&first).await;
    caught_up(&standby).await;
    assert_eq!(gated.begun().await[before..], [1, 2, 3]);
    for app in [&first, &standby] {
        assert_eq!(status(app, GATED).position.get(), 3);
    }
    Ok(())
}
