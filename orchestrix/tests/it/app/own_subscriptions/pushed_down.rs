//! What a filter leaves out is not even read.

use std::sync::{Arc, Mutex};

use orchestrix::prelude::*;
use orchestrix::store::{
    Append, EventStore, ExpectedVersion, Filter, RecordedEvent, StreamId, Tag,
};
use orchestrix::subscription::Subscription;
use serde_json::json;

use super::read_log::ReadLog;
use crate::app::Outcome;
use crate::app::stored::event;
use crate::app::waiting::{caught_up, eventually};

/// Six events: by type, category, tag and tenant each of the first four is like the fifth in all but one.
async fn six(store: &MemoryStore) -> Outcome {
    let tenant = |name: &str| TenantId::new(name);
    let tagged = |tag: &str| Tag::new(tag).map(|tag| vec![tag]);
    for (kind, stream, tag, of) in [
        ("Returned", "order-1", "vip", "acme"),
        ("Sold", "draft-1", "vip", "acme"),
        ("Sold", "order-1", "new", "acme"),
        ("Sold", "order-1", "vip", "other"),
        ("Sold", "order-1", "vip", "acme"),
        ("Sold", "order-2", "vip", "acme"),
    ] {
        let stream = stream.parse::<StreamId>()?.with_tenant(tenant(of)?);
        let sold = event(kind, 1, json!({})).with_tags(tagged(tag)?);
        let append = Append::new(stream, ExpectedVersion::Any, vec![sold]);
        for outcome in store.append(vec![append]).await {
            outcome?;
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn types_categories_tags_and_the_tenant_are_the_stores_work() -> Outcome {
    let store = MemoryStore::new();
    six(&store).await?;
    let log = ReadLog::of(&store);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let filter = Filter::all()
        .event_types(["Sold"])
        .categories(["order"])
        .tags([Tag::new("vip")?])
        .tenant(TenantId::new("acme")?);
    let noting = seen.clone();
    let app = Orchestrix::builder()
        .isolated()
        .store(store.clone())
        .events(Arc::new(log.clone()))
        .subscription(
            Subscription::new("vips").filter(filter),
            move |event: RecordedEvent, _: EventContext| {
                noting.lock().unwrap().push(event.position.get());
            },
        )
        .start()
        .await?;
    caught_up(&app).await;
    assert_eq!(*seen.lock().unwrap(), [5, 6]);
    // Once it is live, too.
    six(&store).await?;
    eventually("all is consumed", || seen.lock().unwrap().len() == 4).await;
    assert_eq!(*seen.lock().unwrap(), [5, 6, 11, 12]);
    caught_up(&app).await;
    let mut read = log.read();
    read.dedup();
    assert_eq!(read, [5, 6, 11, 12], "others stayed in the store");
    assert_eq!(app.lag("vips").await?.events, 0);
    Ok(())
}
