//! PostgreSQL is killed again and again under sixteen writers: what it acknowledged is there, what nobody knows about is
//! there as a whole or not at all.

use std::sync::Arc;
use std::sync::atomic::Ordering;
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

use super::crash_verdict::judge;
use super::in_database::on_runtime;
use super::work::{PATIENCE, Seeded, amount, seed, within};

const WRITERS: u32 = 16;
/// Each of them stands for a process of its own.
const STORES: u32 = 2;
const READERS: u32 = 2;
/// At full size.
const FULL_KILLS: usize = 20;
/// Acknowledged events between two kills, at the least.
const EVENTS_PER_KILL: usize = 1_000;
/// A server that is shut down in a hurry tells its clients so; what they make of that must be true as well.
const KILLS_PER_SHUTDOWN: usize = 4;
/// A short run has so many.
const FEWEST_KILLS: usize = 4;
/// So many more are made while they happen to leave unknown outcomes of one kind only.
const MORE_KILLS: usize = 20;
/// Server settings that let commits wait for each other for so many microseconds: more of them are under way when the
/// server is killed.
const COMMITS_GATHER: [(&str, &str); 2] = [("commit_delay", "3000"), ("commit_siblings", "0")];

#[test]
fn kills_of_postgresql_lose_tear_and_double_nothing() -> Result<(), BoxError> {
    const TEST: &str = "kills_of_postgresql_lose_tear_and_double_nothing";
    let Some(kills) = amount(TEST, FULL_KILLS) else {
        return Ok(());
    };
    let installed = match Binaries::find() {
        Some(_) => Availability::Available(String::new()),
        None => Availability::Missing("PostgreSQL is not installed".to_owned()),
    };
    if require_or_skip(TEST, installed).is_none() {
        return Ok(());
    }
    let options = Options::durable();
    let options = COMMITS_GATHER
        .into_iter()
        .fold(options, |options, (name, value)| {
            options.with_setting(name, value)
        });
    let server = Postgres::start(options)?;
    on_runtime(run(server, kills.max(FEWEST_KILLS)))
}

async fn run(mut server: Postgres, kills: usize) -> Result<(), BoxError> {
    let seed = seed();
    eprintln!("ORCHESTRIX_SEED={seed}");
    let mut random = Seeded::new(seed);
    let began = Instant::now();
    let recorder = Recorder::new();
    let (stop, stopped) = watch::channel(false);
    let load = CrashLoad {
        seed,
        counts: Arc::default(),
        stop: stopped,
    };
    let mut stores = Vec::new();
    let mut working = JoinSet::new();
    for n in 0..STORES {
        let options = PostgresOptions::new(server.url()).with_max_connections(WRITERS / STORES + 2);
        let backend = PostgresStore::connect_with(options).await?;
        let store: Arc<dyn EventStore> = backend.ports().events;
        for number in (1..=WRITERS).filter(|number| number % STORES == n) {
            let worker = recorder.worker(number);
            working.spawn(load.clone().write(store.clone(), worker, number));
        }
        stores.push(backend);
    }
    for n in 0..READERS {
        let store: Arc<dyn EventStore> = stores[n as usize % stores.len()].ports().events;
        let (load, worker) = (load.clone(), recorder.worker(WRITERS + 1 + n));
        working.spawn(async move {
            load.follow(store, worker, 300).await;
            Ok(())
        });
    }

    let mut kill = 0;
    while kill < kills || (is_weak(&load.counts) && kill < MORE_KILLS + kills) {
        kill += 1;
        server = interrupt(server, &load, &mut random, Postgres::kill).await?;
        if kill % KILLS_PER_SHUTDOWN == 0 {
            server = interrupt(server, &load, &mut random, Postgres::stop).await?;
        }
    }
    stop.send_replace(true);
    let ended = async {
        while let Some(ended) = working.join_next().await {
            ended??;
        }
        Ok::<_, BoxError>(())
    };
    within(PATIENCE, "the writers end", ended).await??;
    let acknowledged = load.counts.acknowledged();
    eprintln!(
        "{kill} kills, {acknowledged} events acknowledged, {:?}",
        began.elapsed()
    );

    let fresh = PostgresStore::connect(server.url()).await?;
    judge(&recorder.history(), &fresh).await?;
    for store in stores {
        store.close().await?;
    }
    fresh.close().await
}

/// Lets the writers come on, ends the server beneath them, and starts it again.
async fn interrupt(
    mut server: Postgres,
    load: &CrashLoad,
    random: &mut Seeded,
    end: fn(&mut Postgres) -> Result<(), ServerError>,
) -> Result<Postgres, BoxError> {
    let coming = load.counts.acknowledges(EVENTS_PER_KILL);
    within(PATIENCE, "the writers come on", coming).await?;
    // Not a wait for something: it ends at a random moment.
    tokio::time::sleep(Duration::from_millis(random.below(100))).await;
    let ending = tokio::task::spawn_blocking(move || {
        end(&mut server)?;
        server.restart()?;
        Ok(server)
    });
    ending.await?
}

fn is_weak(counts: &CrashCounts) -> bool {
    let found = [&counts.found_stored, &counts.found_absent];
    found.iter().any(|count| count.load(Ordering::Relaxed) == 0)
}
