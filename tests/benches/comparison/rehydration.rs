//! The state of a long stream from its events: `load` of the app against the same rows, read in one query, decoded by
//! bare serde_json into an enum and folded.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use orchestrix::app::App;
use orchestrix::error::BoxError;
use orchestrix::store::{Backend, GlobalPosition, MemoryStore, ReadAll};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use orchestrix_sqlite::SqliteStore;
use rusqlite::Connection;
use sqlx::PgPool;
use tempfile::TempDir;
use tests::PostgresSubject;
use tokio::runtime::Runtime;

use crate::by_hand::{BankEvent, State};
use crate::dispatch::start;
use crate::domain::{Account, DepositRepeatedly, OpenAccount};
use crate::lazy::Lazy;
use crate::workload::PENCE;
use crate::{group, succeeded};

const ACCOUNT: u64 = 7;
const STREAM: &str = "account-7";
/// The first opens the account, the others are deposits.
const EVENTS: u64 = 10_000;
/// Of the store in the benchmarks' database.
const SCHEMA: &str = "rehydration";

const SQLITE_ROWS: &str = "select event_type, payload from events where stream = ?1 and tenant = 'default' order by version";
const POSTGRES_ROWS: &str = "select event_type, payload::text from rehydration.events
    where tenant = 'default' and stream = $1 order by version";

pub(crate) fn memory(criterion: &mut Criterion, runtime: &Runtime) {
    let mut group = group(criterion, "rehydration/memory");
    let app = Lazy::new(async || with_long_stream(MemoryStore::new()).await);
    let rows = Lazy::new(async || rows_of(app.get().await?).await);
    compare(&mut group, runtime, "baseline", &rows, async |rows| {
        let mut state = State::default();
        for (event_type, payload) in rows {
            state.apply(&BankEvent::decode(event_type, payload)?);
        }
        Ok(state)
    });
    compare(&mut group, runtime, "load", &app, load);
    app.shut_down(runtime);
    group.finish();
}

pub(crate) fn sqlite(criterion: &mut Criterion, runtime: &Runtime) {
    let mut group = group(criterion, "rehydration/sqlite");
    let folder = succeeded(TempDir::new().map_err(BoxError::from));
    let path = folder.path().join("store.db");
    let app = Lazy::new(async || with_long_stream(SqliteStore::open(&path).await?).await);
    let connection = Lazy::new(async || {
        app.get().await?;
        Ok(Mutex::new(Connection::open(&path)?))
    });
    compare(
        &mut group,
        runtime,
        "baseline",
        &connection,
        async |connection| {
            let connection = connection.lock().map_err(|_| "a read panicked")?;
            let mut statement = connection.prepare_cached(SQLITE_ROWS)?;
            let mut rows = statement.query([STREAM])?;
            let mut state = State::default();
            while let Some(row) = rows.next()? {
                let (event_type, payload) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
                state.apply(&BankEvent::decode(event_type, payload)?);
            }
            Ok(state)
        },
    );
    compare(&mut group, runtime, "load", &app, load);
    app.shut_down(runtime);
    group.finish();
}

pub(crate) fn postgres(criterion: &mut Criterion, runtime: &Runtime, database: &PostgresSubject) {
    let mut group = group(criterion, "rehydration/postgresql");
    let app = Lazy::new(async || {
        let options = PostgresOptions::new(database.url().await?).with_schema(SCHEMA);
        with_long_stream(PostgresStore::connect_with(options).await?).await
    });
    let pool = Lazy::new(async || {
        app.get().await?;
        Ok(PgPool::connect(database.url().await?.as_str()).await?)
    });
    compare(&mut group, runtime, "baseline", &pool, async |pool| {
        let rows = sqlx::query_as::<_, (String, String)>(POSTGRES_ROWS).bind(STREAM);
        let mut state = State::default();
        for (event_type, payload) in rows.fetch_all(pool).await? {
            state.apply(&BankEvent::decode(&event_type, &payload)?);
        }
        Ok(state)
    });
    if let Some(pool) = pool.started() {
        runtime.block_on(pool.close());
    }
    compare(&mut group, runtime, "load", &app, load);
    app.shut_down(runtime);
    group.finish();
}

fn compare<S, F: AsyncFn() -> Result<S, BoxError>>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    runtime: &Runtime,
    name: &str,
    source: &Lazy<S, F>,
    rehydrate: impl AsyncFn(&S) -> Result<State, BoxError>,
) {
    let run = async |rounds: u64| {
        let source = source.get().await?;
        let mut took = Duration::ZERO;
        for _ in 0..rounds {
            let start = Instant::now();
            let state = rehydrate(source).await?;
            took += start.elapsed();
            check(&state)?;
        }
        Ok(took)
    };
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|rounds| succeeded(runtime.block_on(run(rounds))));
    });
}

async fn load(app: &App) -> Result<State, BoxError> {
    let loaded = app.load::<Account>(&ACCOUNT).await?;
    Ok(State {
        balance: loaded.state.map(|account| account.balance),
        version: i64::try_from(loaded.version.get())?,
    })
}

fn check(state: &State) -> Result<(), BoxError> {
    let deposits = (EVENTS - 1) as i64;
    if state.version != EVENTS as i64 || state.balance != Some(deposits * PENCE) {
        return Err(format!("not the state that {EVENTS} events add up to: {state:?}").into());
    }
    Ok(())
}

async fn with_long_stream(store: impl Backend) -> Result<App, BoxError> {
    let app = start(store, None).await?;
    app.dispatch(OpenAccount { account: ACCOUNT }).await?;
    let mut left = (EVENTS - 1) as usize;
    while left > 0 {
        let times = left.min(1_000);
        let command = DepositRepeatedly {
            account: ACCOUNT,
            pence: PENCE,
            times,
        };
        app.dispatch(command).await?;
        left -= times;
    }
    Ok(app)
}

/// Type and payload of each event, as texts.
async fn rows_of(app: &App) -> Result<Vec<(String, String)>, BoxError> {
    let mut rows = Vec::new();
    let mut after = GlobalPosition::START;
    loop {
        let page = app.store().read_all(ReadAll::after(after)).await?;
        let texts = page.events.iter();
        rows.extend(texts.map(|event| {
            (
                event.event_type().to_owned(),
                event.data.payload.as_json().unwrap_or_default().to_owned(),
            )
        }));
        if page.at_head {
            return Ok(rows);
        }
        after = page.scanned_to;
    }
}
