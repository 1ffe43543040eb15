//! A long log folded into documents: a projection of an app that has just been started, against a loop written by hand
//! that reads pages of 1,000 events from the same tables, folds them in a map, and writes the documents that changed and
//! its place in one transaction.

mod by_hand;

use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, Backend, EventData, ExpectedVersion, MemoryStore, Payload, StreamId,
};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use orchestrix_sqlite::SqliteStore;
use tempfile::TempDir;
use tests::PostgresSubject;
use tokio::runtime::Runtime;

use crate::lazy::Lazy;
use crate::{group, succeeded};
use by_hand::{ByHand, InMemory, InPostgres, InSqlite};

/// How many events there are, unless the environment says otherwise.
const EVENTS: u64 = 1_000_000;
/// Another number of them.
const EVENTS_VARIABLE: &str = "ORCHESTRIX_BENCH_EVENTS";
/// Counters get their events while others do, so many at a time, and then no more.
const AT_A_TIME: u64 = 1_000;
/// Events of each.
const EACH: u64 = 100;
/// Events that are appended at once when the log is made.
const BATCH: usize = 1_000;
const TALLY: &str = "tally@1";
/// Of the store in the benchmarks' database.
const SCHEMA: &str = "catch_up";
/// A run that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Event, Serialize, Deserialize)]
pub(crate) struct Counted {
    pub(crate) counter: u64,
    pub(crate) by: i64,
}

/// What is folded, here and by hand.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) events: u64,
    pub(crate) sum: i64,
}

#[projection(key = counter)]
impl Tally {
    #[apply]
    fn counted(&mut self, event: &Counted) {
        self.events += 1;
        self.sum += event.by;
    }
}

#[module(projections(Tally))]
struct Counting;

pub(crate) fn memory(criterion: &mut Criterion, runtime: &Runtime) {
    let mut group = group(criterion, "catch_up/memory");
    let store = Lazy::new(async || filled(MemoryStore::new()).await);
    let by_hand = Lazy::new(async || Ok(InMemory::of(store.get().await?)));
    compare(&mut group, runtime, &store, &by_hand, MemoryStore::clone);
    group.finish();
}

pub(crate) fn sqlite(criterion: &mut Criterion, runtime: &Runtime) {
    let mut group = group(criterion, "catch_up/sqlite");
    let folder = succeeded(TempDir::new().map_err(BoxError::from));
    let path = folder.path().join("store.db");
    let store = Lazy::new(async || filled(SqliteStore::open(&path).await?).await);
    let by_hand = Lazy::new(async || {
        store.get().await?;
        InSqlite::open(&path)
    });
    compare(&mut group, runtime, &store, &by_hand, SqliteStore::clone);
    group.finish();
}

pub(crate) fn postgres(criterion: &mut Criterion, runtime: &Runtime, database: &PostgresSubject) {
    let mut group = group(criterion, "catch_up/postgresql");
    let store = Lazy::new(async || {
        let options = PostgresOptions::new(database.url().await?).with_schema(SCHEMA);
        filled(PostgresStore::connect_with(options).await?).await
    });
    let by_hand = Lazy::new(async || {
        store.get().await?;
        InPostgres::connect(database.url().await?.as_str(), SCHEMA).await
    });
    compare(&mut group, runtime, &store, &by_hand, PostgresStore::clone);
    if let Some(store) = store.started() {
        succeeded(runtime.block_on(store.close()));
    }
    group.finish();
}

fn compare<S, H, F, G>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    runtime: &Runtime,
    store: &Lazy<S, F>,
    by_hand: &Lazy<H, G>,
    share: impl Fn(&S) -> S,
) where
    S: Backend,
    H: ByHand,
    F: AsyncFn() -> Result<S, BoxError>,
    G: AsyncFn() -> Result<H, BoxError>,
{
    // Each run takes seconds, and is about as long as every other.
    group
        .sample_size(10)
        .throughput(Throughput::Elements(events()));
    let run = async |rounds: u64| {
        let by_hand = by_hand.get().await?;
        let mut took = Duration::ZERO;
        for _ in 0..rounds {
            by_hand.forget().await?;
            let start = Instant::now();
            by_hand.catch_up().await?;
            took += start.elapsed();
            check(&by_hand.tallies().await?)?;
        }
        Ok(took)
    };
    group.bench_function("baseline", |bencher| {
        bencher.iter_custom(|rounds| succeeded(runtime.block_on(run(rounds))));
    });
    let run = async |rounds: u64| {
        let store = store.get().await?;
        let mut took = Duration::ZERO;
        for _ in 0..rounds {
            forget(store).await?;
            let head = store.ports().events.head().await?;
            let start = Instant::now();
            let builder = Orchestrix::builder().isolated().store(Shared(share(store)));
            let app = builder.module(Counting).start().await?;
            app.caught_up(head, PATIENCE).await?;
            took += start.elapsed();
            let tallies = app.views::<Tally>().await?;
            check(
                &tallies
                    .into_iter()
                    .map(|(_, tally)| tally)
                    .collect::<Vec<_>>(),
            )?;
            app.shutdown().await?;
        }
        Ok(took)
    };
    group.bench_function("projection", |bencher| {
        bencher.iter_custom(|rounds| succeeded(runtime.block_on(run(rounds))));
    });
}

/// A store that an app does not close.
struct Shared<S>(S);

#[async_trait::async_trait]
impl<S: Backend> Backend for Shared<S> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn ports(&self) -> orchestrix::store::Ports {
        self.0.ports()
    }

    async fn health(&self) -> orchestrix::store::StoreHealth {
        self.0.health().await
    }

    async fn close(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

/// The projection begins anew.
async fn forget(store: &impl Backend) -> Result<(), BoxError> {
    let read_models = store.ports().read_models;
    read_models.drop_read_model(TALLY).await?;
    for dropped in read_models.upkeep().await?.dropped {
        while read_models.purge_dropped(&dropped, 10_000).await? > 0 {}
    }
    Ok(())
}

fn events() -> u64 {
    let set = std::env::var(EVENTS_VARIABLE).ok();
    set.map_or(EVENTS, |set| {
        succeeded(
            set.parse()
                .map_err(|_| format!("{EVENTS_VARIABLE}: `{set}` is no number").into()),
        )
    })
}

/// The counter of the n-th event: scattered, and always the same.
fn counter_of(n: u64) -> u64 {
    let block = n / (AT_A_TIME * EACH);
    // SplitMix64, Steele, Lea and Flood 2014.
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    block * AT_A_TIME + (z ^ (z >> 31)) % AT_A_TIME
}

async fn filled<S: Backend>(store: S) -> Result<S, BoxError> {
    let log = store.ports().events;
    let all: Vec<u64> = (0..events()).collect();
    for some in all.chunks(BATCH) {
        let mut appends = Vec::new();
        for &n in some {
            let counter = counter_of(n);
            let body = Payload::of(&Counted { counter, by: 1 })?;
            let event = EventData::new("Counted", 1, body);
            let stream = StreamId::new("counter", &counter.to_string())?;
            appends.push(Append::new(stream, ExpectedVersion::Any, vec![event]));
        }
        for appended in log.append(appends).await {
            appended?;
        }
    }
    Ok(store)
}

/// A run that counted otherwise measured something else.
fn check(tallies: &[Tally]) -> Result<(), BoxError> {
    let counted: u64 = tallies.iter().map(|tally| tally.events).sum();
    let sum: i64 = tallies.iter().map(|tally| tally.sum).sum();
    if counted != events() || u64::try_from(sum)? != events() {
        return Err(format!("{counted} events were counted instead of {}", events()).into());
    }
    Ok(())
}
