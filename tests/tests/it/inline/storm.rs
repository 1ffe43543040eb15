//! Many writers on several nodes, beside the subscription, raw appends, rebuilds and faults.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::testkit::faults::{AppendFault, FaultOdds, FaultStore};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, sleep};

use super::counter::{Counting, TALLY, Tally, append_raw, count, documents, log, recount, sums};
use super::node;
use crate::dcb::stores::{Opened, Stores, on_stores, shut_down};
use crate::torture::in_database::in_database;
use crate::torture::work::PATIENCE;

/// Streams that are written to at once.
const STREAMS: usize = 20;
/// Commands for each of them, from each node.
const COMMANDS: u64 = 15;
const REBUILDS: u64 = 3;

on_stores! {
    each_event_is_folded_once_in_memory: in_memory(once);
    each_event_is_folded_once_on_sqlite: on_sqlite(once);
    each_event_is_folded_once_on_postgres: on_postgres(once);
    rebuilds_do_not_fall_behind_in_memory: in_memory(rebuilt);
    rebuilds_do_not_fall_behind_on_sqlite: on_sqlite(rebuilt);
    rebuilds_do_not_fall_behind_on_postgres: on_postgres(rebuilt);
    lost_answers_double_nothing_in_memory: in_memory(lost_answers);
    lost_answers_double_nothing_on_sqlite: on_sqlite(lost_answers);
    lost_answers_double_nothing_on_postgres: on_postgres(lost_answers);
}

fn counter(n: usize) -> String {
    format!("c{n}")
}

/// Commands for one stream, until there were enough; after each, the document has its event. Says how many were done.
async fn write(app: App, counter: String, enough: impl Fn(u64) -> bool) -> Result<u64, BoxError> {
    let mut done = 0;
    while !enough(done) {
        match app.dispatch(count(&counter, 1)).await {
            Ok(receipt) => {
                done += 1;
                let view = app.view::<Tally>(&counter).await?;
                let events = view.map_or(0, |tally| tally.events);
                // All events of these streams are counted.
                if events < receipt.version.get() {
                    let version = receipt.version;
                    return Err(format!("`{counter}` is at {version}, {events} are seen").into());
                }
            }
            // The other node was faster, over and over.
            Err(error) if error.is_conflict() => tokio::task::yield_now().await,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done)
}

async fn settled(apps: &[App], stores: &Stores) -> Result<(), BoxError> {
    let log = log(&*stores[3]);
    let head = log.head().await?;
    let recounted = recount(&*log).await?;
    for app in apps {
        app.caught_up(head, PATIENCE).await?;
        assert_eq!(documents(app).await?, recounted);
        let mut expected: Vec<_> = recounted.values().map(|tally| tally.sum).collect();
        expected.sort_unstable();
        assert_eq!(sums(app).await?, expected);
    }
    Ok(())
}

async fn once(stores: Stores) -> Result<(), BoxError> {
    let log = log(&*stores[2]);
    for n in 0..STREAMS {
        append_raw(&*log, &counter(n), &[1, 1, 1]).await?;
    }
    let apps = vec![node(&stores, 0).await?, node(&stores, 1).await?];
    let mut writers = Vec::new();
    for app in &apps {
        for n in 0..STREAMS {
            let writing = write(app.clone(), counter(n), |done| done == COMMANDS);
            writers.push(tokio::spawn(writing));
        }
    }
    for round in 0..COMMANDS as usize {
        for n in (round % 3..STREAMS).step_by(3) {
            append_raw(&*log, &counter(n), &[1]).await?;
            tokio::task::yield_now().await;
        }
    }
    for writer in writers {
        assert_eq!(writer.await??, COMMANDS);
    }
    settled(&apps, &stores).await?;
    shut_down(apps).await
}

async fn rebuilt(stores: Stores) -> Result<(), BoxError> {
    let log = log(&*stores[2]);
    for n in 0..STREAMS {
        append_raw(&*log, &counter(n), &[1; 60]).await?;
    }
    let apps = vec![node(&stores, 0).await?, node(&stores, 1).await?];
    let head = log.head().await?;
    for app in &apps {
        app.caught_up(head, PATIENCE).await?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = Vec::new();
    for (n, app) in (0..STREAMS).zip(apps.iter().cycle()) {
        let stop = stop.clone();
        let enough = move |_| stop.load(Ordering::Acquire);
        writers.push(tokio::spawn(write(app.clone(), counter(n), enough)));
    }
    for n in 1..=REBUILDS {
        let rebuild = apps[n as usize % 2].rebuild(TALLY).await?;
        assert_eq!(rebuild.build(), n);
        rebuild.switched(PATIENCE).await?;
    }
    stop.store(true, Ordering::Release);
    let mut done = 0;
    for writer in writers {
        done += writer.await??;
    }
    assert!(done > 0, "nobody wrote while it was built");
    settled(&apps, &stores).await?;
    let kept_up = stores[2].ports().read_models;
    while !kept_up.upkeep().await?.dropped.is_empty() {
        tokio::task::yield_now().await;
    }
    shut_down(apps).await
}

async fn lost_answers(stores: Stores) -> Result<(), BoxError> {
    let mut apps = Vec::new();
    for (store, seed) in stores[..2].iter().zip(7..) {
        let faults = FaultStore::over(store.ports().events);
        let odds = FaultOdds::none()
            .with(AppendFault::AnswerLost, 200)
            .with(AppendFault::NotSent, 200)
            .with(AppendFault::Unavailable, 50)
            .with(AppendFault::Twice, 100);
        faults.seeded(seed, odds);
        let builder = Orchestrix::builder().isolated();
        let builder = builder.store(Opened(store.clone())).module(Counting);
        apps.push(builder.events(Arc::new(faults)).start().await?);
    }
    let mut acknowledged: BTreeMap<String, u64> = BTreeMap::new();
    for round in 0..20 {
        for n in 0..4 {
            let counter = counter(n);
            match apps[(round + n) % 2].dispatch(count(&counter, 1)).await {
                Ok(_) => *acknowledged.entry(counter).or_default() += 1,
                Err(error) if error.is_transient() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    settled(&apps, &stores).await?;
    for (counter, tally) in documents(&apps[0]).await? {
        let least = acknowledged.get(&counter).copied().unwrap_or(0);
        assert!(
            tally.events >= least,
            "{counter}: {tally:?}, {least} acknowledged"
        );
    }
    shut_down(apps).await
}

/// Appends, the subscription and builds take their locks in one order.
#[test]
fn nobody_waits_in_a_circle_on_postgres() -> Result<(), BoxError> {
    in_database("nobody_waits_in_a_circle_on_postgres", async |url| {
        let mut stores = Stores::new();
        for _ in 0..4 {
            let options = PostgresOptions::new(url.as_str()).with_acquire_timeout(PATIENCE);
            stores.push(Arc::new(PostgresStore::connect_with(options).await?));
        }
        rebuilt(stores.clone()).await?;
        for store in &stores {
            store.close().await?;
        }
        // Sessions report what they met when they end.
        let mut session = PgConnection::connect(url.as_str()).await?;
        let began = Instant::now();
        loop {
            let (sessions, deadlocks): (i32, i64) = sqlx::query_as(
                "select numbackends, deadlocks from pg_stat_database where datname = current_database()",
            )
            .fetch_one(&mut session)
            .await?;
            if sessions <= 1 {
                assert_eq!(deadlocks, 0);
                return Ok(());
            }
            assert!(began.elapsed() < PATIENCE, "{sessions} sessions are left");
            sleep(Duration::from_millis(10)).await;
        }
    })
}
