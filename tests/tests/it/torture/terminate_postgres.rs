//! Connections are ended by the server's operator while appends are under way: what the server says at its end of a
//! connection is not taken for more than it means.

use std::sync::Arc;
use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::store::{Backend as _, EventStore};
use orchestrix::testkit::history::Recorder;
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use sqlx::{Connection as _, PgConnection};
use tests::CrashLoad;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use super::crash_verdict::prove;
use super::in_database::in_database;
use super::work::{PATIENCE, Seeded, amount, seed, within};

const WRITERS: u32 = 16;
/// Connections that are ended, at full size.
const FULL: usize = 5_000;
const APPLICATION: &str = "orchestrix to be terminated";
const TERMINATE: &str = "select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity \
                         where application_name = $1 and datname = current_database() and random() < 0.3";

#[test]
fn ended_connections_lose_tear_and_double_nothing() -> Result<(), BoxError> {
    const TEST: &str = "ended_connections_lose_tear_and_double_nothing";
    match amount(TEST, FULL) {
        Some(connections) => in_database(TEST, |url| run(url, connections)),
        None => Ok(()),
    }
}

async fn run(url: Url, connections: usize) -> Result<(), BoxError> {
    let seed = seed();
    eprintln!("ORCHESTRIX_SEED={seed}");
    let mut random = Seeded::new(seed);
    let options = PostgresOptions::new(url.as_str())
        .with_application_name(APPLICATION)
        .with_max_connections(WRITERS + 2);
    let backend = PostgresStore::connect_with(options).await?;
    let store: Arc<dyn EventStore> = backend.ports().events;
    let recorder = Recorder::new();
    let (stop, stopped) = watch::channel(false);
    let load = CrashLoad {
        seed,
        counts: Arc::default(),
        stop: stopped,
    };
    let mut working = JoinSet::new();
    for number in 1..=WRITERS {
        let worker = recorder.worker(number);
        working.spawn(load.clone().write(store.clone(), worker, number));
    }

    let mut operator = PgConnection::connect(url.as_str()).await?;
    let mut ended = 0;
    while ended < connections {
        let query = sqlx::query_scalar::<_, i64>(TERMINATE).bind(APPLICATION);
        let asking = query.fetch_one(&mut operator);
        let more = within(PATIENCE, "connections are ended", asking).await??;
        ended += usize::try_from(more)?;
        // Not a wait for something: connections are ended at random moments.
        tokio::time::sleep(Duration::from_millis(1 + random.below(8))).await;
    }
    stop.send_replace(true);
    while let Some(ended) = within(PATIENCE, "a writer ends", working.join_next()).await? {
        ended??;
    }
    let acknowledged = load.counts.acknowledged();
    eprintln!("{ended} connections ended, {acknowledged} events acknowledged");
    let fresh = PostgresStore::connect(url).await?;
    let summary = prove(&recorder.history(), &fresh).await?;
    assert!(summary.acknowledged > 0 && summary.refused > 0, "{summary}");
    operator.close().await?;
    backend.close().await?;
    fresh.close().await
}
