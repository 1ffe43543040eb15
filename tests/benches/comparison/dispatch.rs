//! A command from its dispatch to its receipt, alone and with others in flight.
//!
//! `cached` is what an app does unless told otherwise: the state is kept between commands. `uncached` loads it for each
//! command. The baselines on databases load it too; `baseline_grouped` is what group commit by hand gives.

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use orchestrix::app::{App, Config, Orchestrix};
use orchestrix::error::BoxError;
use orchestrix::store::{Backend, MemoryStore};
use orchestrix_postgres::PostgresStore;
use orchestrix_sqlite::SqliteStore;
use tempfile::TempDir;
use tests::PostgresSubject;
use tokio::runtime::Runtime;

use crate::by_hand::{InMemory, InPostgres, InPostgresGrouped, InSqlite, States, Transactions};
use crate::lazy::Lazy;
use crate::workload::{Bank, measure};
use crate::{domain, group, succeeded};

/// Commands in flight; both are powers of two.
const ALONE: u64 = 1;
const MANY: u64 = 64;

/// The states an app keeps unless told otherwise, and none.
const VARIANTS: [(&str, Option<usize>); 2] = [("cached", None), ("uncached", Some(0))];

pub(crate) fn memory(criterion: &mut Criterion, runtime: &Runtime) {
    let mut group = group(criterion, "dispatch/memory");
    for in_flight in [ALONE, MANY] {
        for (name, states) in [
            ("baseline_cached", States::Kept),
            ("baseline_uncached", States::Folded),
        ] {
            let bank = async || Ok(InMemory::new(states));
            compare(&mut group, runtime, name, in_flight, bank);
        }
        for (name, states) in VARIANTS {
            // A new store each time, or the events of all samples would fill the machine.
            let bank = async || start(MemoryStore::new(), states).await;
            compare(&mut group, runtime, name, in_flight, bank);
        }
    }
    group.finish();
}

pub(crate) fn sqlite(criterion: &mut Criterion, runtime: &Runtime) {
    let folder = succeeded(TempDir::new().map_err(BoxError::from));
    let mut group = group(criterion, "dispatch/sqlite");
    for in_flight in [ALONE, MANY] {
        let by_hand = [
            ("baseline", Transactions::OneForEach),
            ("baseline_grouped", Transactions::OneForAllInFlight),
        ];
        for (name, transactions) in by_hand {
            if in_flight == ALONE && transactions == Transactions::OneForAllInFlight {
                continue;
            }
            let path = folder.path().join(format!("{name}-{in_flight}.db"));
            let bank = Lazy::new(async || InSqlite::open_file(&path, transactions));
            compare(&mut group, runtime, name, in_flight, async || {
                bank.get().await.cloned()
            });
        }
        for (name, states) in VARIANTS {
            let path = folder.path().join(format!("{name}-{in_flight}.db"));
            let app = Lazy::new(async || start(SqliteStore::open(&path).await?, states).await);
            compare(&mut group, runtime, name, in_flight, async || {
                app.get().await.cloned()
            });
            app.shut_down(runtime);
        }
    }
    group.finish();
}

pub(crate) fn postgres(criterion: &mut Criterion, runtime: &Runtime, database: &PostgresSubject) {
    let mut group = group(criterion, "dispatch/postgresql");
    for in_flight in [ALONE, MANY] {
        let bank = Lazy::new(async || InPostgres::connect(database.url().await?.as_str()).await);
        compare(&mut group, runtime, "baseline", in_flight, async || {
            bank.get().await.cloned()
        });
        if let Some(bank) = bank.started() {
            runtime.block_on(bank.close());
        }
        if in_flight == MANY {
            let bank = Lazy::new(async || {
                InPostgresGrouped::connect(database.url().await?.as_str()).await
            });
            compare(
                &mut group,
                runtime,
                "baseline_grouped",
                in_flight,
                async || bank.get().await.cloned(),
            );
            if let Some(bank) = bank.started() {
                runtime.block_on(bank.close());
            }
        }
        for (name, states) in VARIANTS {
            let app = Lazy::new(async || {
                let store = PostgresStore::connect(database.url().await?.as_str()).await?;
                start(store, states).await
            });
            compare(&mut group, runtime, name, in_flight, async || {
                app.get().await.cloned()
            });
            app.shut_down(runtime);
        }
    }
    group.finish();
}

fn compare<B: Bank>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    runtime: &Runtime,
    name: &str,
    in_flight: u64,
    bank: impl AsyncFn() -> Result<B, BoxError>,
) {
    group.throughput(Throughput::Elements(in_flight));
    group.bench_function(BenchmarkId::new(name, in_flight), |bencher| {
        bencher.iter_custom(|rounds| measure(runtime, rounds, in_flight, &bank));
    });
}

/// The bank on a store; `cached_aggregates` as configured unless given.
pub(crate) async fn start(store: impl Backend, cached: Option<usize>) -> Result<App, BoxError> {
    let mut config = Config::new();
    if let Some(states) = cached {
        config.cached_aggregates = states;
    }
    let app = Orchestrix::builder()
        .store(store)
        .module(domain::Bank)
        .config(config)
        .start();
    Ok(app.await?)
}
