//! The server stands still for a while, as machines do that are moved or that run out of memory: connections stay open,
//! and nobody answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use orchestrix::store::{Backend as _, EventStore};
use orchestrix::testkit::history::Recorder;
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use test_servers::postgres::Binaries;
use test_servers::{Availability, Options, Postgres, ServerError, require_or_skip};
use tests::{CrashCounts, CrashLoad};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::crash_verdict::prove;
use super::in_database::on_runtime;
use super::timed_store::TimedStore;
use super::work::{PATIENCE, Seeded, amount, seed, within};

const WRITERS: u32 = 8;
const READERS: u32 = 2;
/// At full size.
const FULL_FREEZES: usize = 20;
/// Acknowledged events between two of them, at the least.
const EVENTS_PER_FREEZE: usize = 300;
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(500);
const ANSWER_TIMEOUT: Duration = Duration::from_millis(300);
/// No call takes longer than both, and what a busy machine adds.
const LONGEST_CALL: Duration = Duration::from_millis(500 + 300 + 2_200);
/// Longer than that: a call that waits for the server to go on is told from one that does not.
const FROZEN: Duration = Duration::from_millis(4_500);

#[test]
fn a_server_that_stands_still_holds_nobody_up_and_loses_nothing() -> Result<(), BoxError> {
    const TEST: &str = "a_server_that_stands_still_holds_nobody_up_and_loses_nothing";
    let Some(freezes) = amount(TEST, FULL_FREEZES) else {
        return Ok(());
    };
    let installed = match Binaries::find() {
        Some(_) => Availability::Available(String::new()),
        None => Availability::Missing("PostgreSQL is not installed".to_owned()),
    };
    if require_or_skip(TEST, installed).is_none() {
        return Ok(());
    }
    let server = Postgres::start(Options::durable())?;
    on_runtime(run(server, freezes))
}

async fn run(mut server: Postgres, freezes: usize) -> Result<(), BoxError> {
    let seed = seed();
    eprintln!("ORCHESTRIX_SEED={seed}");
    let mut random = Seeded::new(seed);
    let options = PostgresOptions::new(server.url())
        .with_max_connections(WRITERS + 2)
        .with_acquire_timeout(ACQUIRE_TIMEOUT)
        .with_answer_timeout(ANSWER_TIMEOUT);
    let backend = PostgresStore::connect_with(options).await?;
    let timed = Arc::new(TimedStore::over(backend.ports().events));
    let store: Arc<dyn EventStore> = timed.clone();
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
    for number in WRITERS + 1..=WRITERS + READERS {
        let (load, worker, store) = (load.clone(), recorder.worker(number), store.clone());
        working.spawn(async move {
            load.follow(store, worker, 300).await;
            Ok(())
        });
    }

    for _ in 0..freezes {
        goes_on(&load.counts).await?;
        // Not a wait for something: it stands still from a random moment on, for its time.
        tokio::time::sleep(Duration::from_millis(random.below(100))).await;
        server = signal(server, Postgres::freeze).await?;
        // What was on its way may still be told.
        tokio::time::sleep(LONGEST_CALL).await;
        let ended = timed.ended();
        let acknowledged = load.counts.acknowledged();
        tokio::time::sleep(FROZEN - LONGEST_CALL).await;
        if load.counts.acknowledged() != acknowledged {
            return Err("a server that stands still has acknowledged something".into());
        }
        if timed.ended() == ended {
            return Err("all calls wait for a server that stands still".into());
        }
        server = signal(server, Postgres::thaw).await?;
    }
    goes_on(&load.counts).await?;
    stop.send_replace(true);
    while let Some(ended) = within(PATIENCE, "a worker ends", working.join_next()).await? {
        ended??;
    }

    let (call, longest) = timed.longest();
    let acknowledged = load.counts.acknowledged();
    eprintln!(
        "{freezes} freezes, {acknowledged} events acknowledged, longest call {call}: {longest:?}"
    );
    if longest > LONGEST_CALL {
        return Err(
            format!("{call} took {longest:?}, at most {LONGEST_CALL:?} are allowed").into(),
        );
    }
    let fresh = PostgresStore::connect(server.url()).await?;
    let summary = prove(&recorder.history(), &fresh).await?;
    let unknown = summary.indeterminate_stored + summary.indeterminate_absent;
    if unknown == 0 {
        return Err(
            format!("no append was under way when the server stood still: {summary}").into(),
        );
    }
    backend.close().await?;
    fresh.close().await
}

/// Waits until more is acknowledged.
async fn goes_on(counts: &CrashCounts) -> Result<(), BoxError> {
    let coming = counts.acknowledges(EVENTS_PER_FREEZE);
    let began = Instant::now();
    within(PATIENCE, "the writers come on", coming).await?;
    eprintln!("{EVENTS_PER_FREEZE} events in {:?}", began.elapsed());
    Ok(())
}

async fn signal(
    mut server: Postgres,
    send: fn(&mut Postgres) -> Result<(), ServerError>,
) -> Result<Postgres, BoxError> {
    let sending = tokio::task::spawn_blocking(move || {
        send(&mut server)?;
        Ok(server)
    });
    sending.await?
}
