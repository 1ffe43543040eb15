//! A projection that is built anew while it is written to and read.

mod counter;
mod indexes;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{Append, EventData, EventStore, ExpectedVersion, Payload, StreamId};
use serde_json::json;

use crate::dcb::stores::{Opened, Stores, on_stores, shut_down};
use crate::torture::work::PATIENCE;
use counter::{Counting, Tally, corrected, weight_of};

/// Counters, each a stream and a document of its own.
const COUNTERS: usize = 40;
/// Events that are there before anything is built anew.
const BEFORE: usize = 4_000;
/// How often it is built anew.
const REBUILDS: u64 = 3;
const TALLY: &str = "tally@1";

on_stores! {
    a_rebuild_under_load_is_never_seen_half_built_in_memory: in_memory(under_load);
    a_rebuild_under_load_is_never_seen_half_built_on_sqlite: on_sqlite(under_load);
    a_rebuild_under_load_is_never_seen_half_built_on_postgres: on_postgres(under_load);
}

fn counters(store: &str) -> Vec<String> {
    (0..COUNTERS).map(|n| format!("{store}-{n}")).collect()
}

async fn write(log: &dyn EventStore, counters: &[String], events: usize) -> Result<(), BoxError> {
    let mut left = events;
    for counter in counters.iter().cycle() {
        if left == 0 {
            break;
        }
        let some = left.min(20);
        left -= some;
        let event = || -> Result<EventData, BoxError> {
            let body = Payload::of(&json!({ "counter": counter, "by": 1 }))?;
            Ok(EventData::new("Counted", 1, body))
        };
        let events = (0..some).map(|_| event()).collect::<Result<_, _>>()?;
        let stream = StreamId::new("counter", counter.as_str())?;
        let append = Append::new(stream, ExpectedVersion::Any, events);
        for appended in log.append(vec![append]).await {
            appended?;
        }
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Reads one document after the other until told to stop. None is ever missing, or has fewer events than it had.
async fn read(
    app: App,
    counters: Vec<String>,
    stop: Arc<AtomicBool>,
    queries: Arc<AtomicU64>,
) -> Result<(), BoxError> {
    let mut seen: HashMap<String, u64> = HashMap::new();
    while !stop.load(Ordering::Acquire) {
        for counter in &counters {
            let tally = app.view::<Tally>(counter).await?;
            let events = tally.map_or(0, |tally| tally.events);
            let last = seen.entry(counter.clone()).or_default();
            let least = (*last).max((BEFORE / COUNTERS) as u64);
            if events < least {
                return Err(format!("`{counter}` had {least} events, and has {events}").into());
            }
            *last = events;
            queries.fetch_add(1, Ordering::Relaxed);
            // In memory nothing waits, and the others have to run, too.
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

async fn under_load(stores: Stores) -> Result<(), BoxError> {
    let name = stores[0].name();
    let counters = counters(name);
    let log = stores[3].ports().events;
    write(&*log, &counters, BEFORE).await?;
    let mut apps = Vec::new();
    for store in &stores[..2] {
        let app = Orchestrix::builder()
            .isolated()
            .store(Opened(store.clone()))
            .module(Counting);
        apps.push(app.start().await?);
    }
    let head = log.head().await?;
    for app in &apps {
        app.caught_up(head, PATIENCE).await?;
    }
    // The code is another now, so that the documents must be others, too.
    corrected(name);

    let (stop, queries) = (Arc::new(AtomicBool::new(false)), Arc::default());
    let mut readers = Vec::new();
    for app in &apps {
        let read = read(
            app.clone(),
            counters.clone(),
            stop.clone(),
            Arc::clone(&queries),
        );
        readers.push(tokio::spawn(read));
    }
    let writer = {
        let (log, counters, stop) = (log.clone(), counters.clone(), stop.clone());
        tokio::spawn(async move {
            while !stop.load(Ordering::Acquire) {
                write(&*log, &counters, 200).await?;
            }
            Ok::<_, BoxError>(())
        })
    };
    for n in 1..=REBUILDS {
        let app = &apps[n as usize % 2];
        let before = queries.load(Ordering::Relaxed);
        let rebuild = app.rebuild(TALLY).await?;
        assert_eq!(rebuild.build(), n);
        rebuild.switched(PATIENCE).await?;
        assert!(app.rebuilds().await?.is_empty());
        let during = queries.load(Ordering::Relaxed) - before;
        assert!(during > 0, "nobody asked while it was built");
        println!("{name}: build {n} was in its place after {during} queries");
    }
    stop.store(true, Ordering::Release);
    writer.await??;
    for reader in readers {
        reader.await??;
    }

    let head = log.head().await?;
    for app in &apps {
        app.caught_up(head, PATIENCE).await?;
    }
    let recounted = recount(&*log).await?;
    for app in &apps {
        let views = app.views::<Tally>().await?.into_iter();
        let views: BTreeMap<_, _> = views
            .map(|(key, tally)| (key, (tally.events, tally.sum)))
            .collect();
        assert_eq!(views, recounted);
    }
    let kept_up = stores[2].ports().read_models;
    while !kept_up.upkeep().await?.dropped.is_empty() {
        tokio::task::yield_now().await;
    }
    shut_down(apps).await
}

/// What the documents are to be, counted from the log by other code.
async fn recount(log: &dyn EventStore) -> Result<BTreeMap<String, (u64, u64)>, BoxError> {
    let mut counted = BTreeMap::new();
    let mut after = orchestrix::store::GlobalPosition::START;
    loop {
        let page = log
            .read_all(orchestrix::store::ReadAll::after(after))
            .await?;
        for event in &page.events {
            let body: serde_json::Value = event.data.payload.read()?;
            let counter = body["counter"].as_str().unwrap_or_default().to_owned();
            let weight = weight_of(&counter);
            let (events, sum) = counted.entry(counter).or_default();
            *events += 1;
            *sum += weight * body["by"].as_u64().unwrap_or_default();
        }
        if page.at_head {
            return Ok(counted);
        }
        after = page.scanned_to;
    }
}
