//! Nodes that share one subscription, on every store: they come and go while its events are handled in lanes.

mod porters;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, EventData, EventStore, ExpectedVersion, GlobalPosition, Payload, StreamId,
};
use orchestrix::subscription::SubscriptionState;
use serde_json::json;

use crate::dcb::stores::{Stores, on_stores, shut_down};
use crate::torture::work::PATIENCE;
use porters::{CARRY, Carried, porter};

/// Streams, which are spread over the lanes.
const STREAMS: u64 = 40;

on_stores! {
    nodes_come_and_go_in_memory: in_memory(come_and_go);
    nodes_come_and_go_on_sqlite: on_sqlite(come_and_go);
    nodes_come_and_go_on_postgres: on_postgres(come_and_go);
    the_number_of_lanes_changes_in_memory: in_memory(change_lanes);
    the_number_of_lanes_changes_on_sqlite: on_sqlite(change_lanes);
    the_number_of_lanes_changes_on_postgres: on_postgres(change_lanes);
    two_divisions_at_once_in_memory: in_memory(divide_twice);
    two_divisions_at_once_on_sqlite: on_sqlite(divide_twice);
    two_divisions_at_once_on_postgres: on_postgres(divide_twice);
}

/// Writes these numbers, each to the stream of its remainder.
async fn write(
    log: &dyn EventStore,
    numbers: std::ops::RangeInclusive<u64>,
) -> Result<GlobalPosition, BoxError> {
    for number in numbers {
        let of = format!("s{}", number % STREAMS);
        let body = Payload::of(&json!({ "of": of, "number": number }))?;
        let stream = StreamId::new("luggage", &of)?;
        let events = vec![EventData::new("Arrived", 1, body)];
        let append = Append::new(stream, ExpectedVersion::Any, events);
        for appended in log.append(vec![append]).await {
            appended?;
        }
    }
    Ok(log.head().await?)
}

async fn come_and_go(stores: Stores) -> Result<(), BoxError> {
    let (log, carried) = (stores[3].ports().events, Carried::default());
    let one = porter("one", &stores[0], &carried, 8).await?;
    write(&*log, 1..=100).await?;
    let two = porter("two", &stores[1], &carried, 8).await?;
    let three = porter("three", &stores[2], &carried, 8).await?;
    let mut written = 100;
    // Until all of them carry something.
    let sharing = async {
        while carried.nodes().len() < 3 {
            let head = write(&*log, written + 1..=written + STREAMS).await?;
            written += STREAMS;
            two.caught_up(head, PATIENCE).await?;
        }
        Ok::<_, BoxError>(())
    };
    tokio::time::timeout(PATIENCE, sharing).await??;
    let head = write(&*log, written + 1..=written + 100).await?;
    written += 100;
    for app in [&one, &two, &three] {
        app.caught_up(head, PATIENCE).await?;
        assert!(app.readiness().ready, "{}", app.readiness());
    }
    // One goes while there is something to do, one without a word.
    let writing = write(&*log, written + 1..=written + 300);
    let (head, gone) = tokio::join!(writing, one.shutdown());
    gone?;
    written += 300;
    drop(two);
    three.caught_up(head?, PATIENCE).await?;
    carried.is_complete(1..=written);
    shut_down(vec![three]).await
}

async fn change_lanes(stores: Stores) -> Result<(), BoxError> {
    let (log, carried) = (stores[3].ports().events, Carried::default());
    for (n, lanes) in (0..).zip([1, 8, 3]) {
        let app = porter("one", &stores[n], &carried, lanes).await?;
        let from = n as u64 * 100 + 1;
        let head = write(&*log, from..=from + 99).await?;
        app.caught_up(head, PATIENCE).await?;
        shut_down(vec![app]).await?;
        carried.is_complete(1..=from + 99);
    }
    Ok(())
}

/// Both begin at the same time; one of them waits for the other, which is not to know of it.
async fn divide_twice(stores: Stores) -> Result<(), BoxError> {
    let (log, carried) = (stores[3].ports().events, Carried::default());
    let (one, two) = tokio::join!(
        porter("one", &stores[0], &carried, 1),
        porter("two", &stores[1], &carried, 8)
    );
    let apps = [one?, two?];
    let head = write(&*log, 1..=200).await?;
    for app in &apps {
        app.caught_up(head, PATIENCE).await?;
    }
    carried.is_complete(1..=200);
    assert_eq!(carried.nodes().len(), 1, "one of them waits");
    let stands_by = |app: &&App| {
        let statuses = app.subscriptions();
        statuses.iter().any(|status| {
            status.name == CARRY && matches!(status.state, SubscriptionState::Standby { .. })
        })
    };
    assert_eq!(apps.iter().filter(stands_by).count(), 1);
    shut_down(apps.into()).await
}
