//! A subscription of one's own on every store: served by several nodes, reset beside them, replayed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, EventData, EventStore, ExpectedVersion, Filter, Payload, RecordedEvent, StreamId, Tag,
};
use orchestrix::subscription::Subscription;
use serde_json::json;

use crate::dcb::stores::{Opened, Stores, on_stores, shut_down};
use crate::torture::work::{PATIENCE, within};

const AUDIT: &str = "audit";
/// Of each tenant, a tenth of them tagged.
const EVENTS: u64 = 200;

on_stores! {
    a_subscription_is_reset_and_replayed_in_memory: in_memory(reset_and_replayed);
    a_subscription_is_reset_and_replayed_on_sqlite: on_sqlite(reset_and_replayed);
    a_subscription_is_reset_and_replayed_on_postgres: on_postgres(reset_and_replayed);
}

/// How often each event was delivered, live and in a replay.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<BTreeMap<u64, (u64, u64)>>>);

impl Seen {
    fn see(&self, event: &RecordedEvent, is_replay: bool) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (live, replayed) = all.entry(event.position.get()).or_default();
        match is_replay {
            false => *live += 1,
            true => *replayed += 1,
        }
    }

    /// How many events there were, and the least and the most deliveries of one.
    fn live(&self) -> (usize, u64, u64) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = || all.values().map(|(live, _)| *live);
        let (least, most) = (times().min(), times().max());
        (
            all.len(),
            least.unwrap_or_default(),
            most.unwrap_or_default(),
        )
    }

    fn replayed(&self) -> u64 {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().map(|(_, replayed)| replayed).sum()
    }
}

async fn write(log: &dyn EventStore) -> Result<(), BoxError> {
    for n in 0..EVENTS {
        for tenant in ["acme", "other"] {
            let stream = StreamId::new("order", &(n % 20).to_string())?;
            let stream = stream.with_tenant(TenantId::new(tenant)?);
            let tags = match n % 10 {
                0 => vec![Tag::new("vip")?],
                _ => Vec::new(),
            };
            let sold = EventData::new("Sold", 1, Payload::of(&json!({}))?).with_tags(tags);
            let append = Append::new(stream, ExpectedVersion::Any, vec![sold]);
            for appended in log.append(vec![append]).await {
                appended?;
            }
        }
    }
    Ok(())
}

async fn node(stores: &Stores, at: usize, seen: &Seen) -> Result<App, BoxError> {
    let seen = seen.clone();
    let filter = Filter::all()
        .categories(["order"])
        .event_types(["Sold"])
        .tenant(TenantId::new("acme")?);
    let subscription = Subscription::new(AUDIT).filter(filter).lanes(4);
    let app = Orchestrix::builder()
        .isolated()
        .store(Opened(stores[at].clone()))
        .subscription(
            subscription,
            move |event: RecordedEvent, cx: ReplayContext| seen.see(&event, cx.is_replay()),
        );
    Ok(app.start().await?)
}

async fn reset_and_replayed(stores: Stores) -> Result<(), BoxError> {
    let log = stores[3].ports().events;
    write(&*log).await?;
    let head = log.head().await?;
    let seen = Seen::default();
    let events = EVENTS as usize;
    let mut apps = Vec::new();
    for at in 0..2 {
        apps.push(node(&stores, at, &seen).await?);
    }
    for app in &apps {
        app.caught_up(head, PATIENCE).await?;
    }
    let (all, least, _) = seen.live();
    assert_eq!((all, least), (events, 1), "of one tenant");

    // Lanes may have been handed over meanwhile, so an event may have come twice; each comes once more at least.
    for resets in 1..=3 {
        let app = &apps[resets as usize % 2];
        app.reset_subscription(AUDIT).await?;
        for app in &apps {
            let mut status = app.subscription_statuses(AUDIT)?;
            let is_seen = status.wait_for(|status| status.resets == resets);
            within(PATIENCE, "each node has seen it", is_seen).await??;
        }
        for app in &apps {
            app.caught_up(head, PATIENCE).await?;
        }
        assert!(seen.live().1 > resets, "each event has come again");
    }
    assert_eq!(seen.live().0, events);
    let checkpoints = stores[2].ports().checkpoints;
    assert_eq!(checkpoints.checkpoint_resets(AUDIT).await?, 3);

    let before = seen.live();
    let report = apps[0].replay(AUDIT).await?;
    assert_eq!((report.delivered, seen.replayed()), (EVENTS, EVENTS));
    let of_one = StreamId::new("order", "7")?.with_tenant(TenantId::new("acme")?);
    let report = apps[1].replay(AUDIT).stream(of_one).await?;
    assert_eq!(report.delivered, EVENTS / 20);
    assert_eq!(seen.live(), before, "nothing else is called");
    shut_down(apps).await
}
