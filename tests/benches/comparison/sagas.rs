//! Sagas of three steps on PostgreSQL, 64 at once, from the event that starts them to their end. The baseline does no more
//! than the steps themselves: three commands, one after the other, for as many at once. What it lacks is that it would go on
//! after a crash.

mod counting;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use futures_util::{StreamExt, TryStreamExt, stream};
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, Backend, EventData, ExpectedVersion, GlobalPosition, Payload, StreamId,
};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use tests::PostgresSubject;
use tokio::runtime::Runtime;

use crate::lazy::Lazy;
use crate::{group, succeeded};
use counting::{Calls, Counting};

/// Sagas of one sample.
const SAGAS: u64 = 1_280;
/// How many run at once.
const AT_ONCE: usize = 64;
const STEPS: u64 = 3;
/// Of the store in the benchmarks' database.
const SCHEMA: &str = "sagas";
/// A run that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(300);

#[derive(Event, Serialize, Deserialize)]
struct Started {
    number: u64,
}

#[derive(Event, Serialize, Deserialize)]
struct Done {
    part: String,
}

#[derive(Command)]
struct Do {
    #[id]
    part: String,
}

#[derive(Default)]
struct Part;

#[aggregate]
impl Part {
    #[handle]
    fn act(&self, cmd: Do) -> Done {
        Done { part: cmd.part }
    }

    #[apply]
    fn done(&mut self, _: &Done) {}
}

#[derive(Clone, Serialize, Deserialize)]
struct Work;

async fn act(cx: &SagaContext, step: u64) -> Result<u64, StepError> {
    let part = format!("{}.{step}", cx.key());
    Ok(cx.dispatch(Do { part }).await?.version.get())
}

#[saga(key = number)]
impl Work {
    #[start]
    fn begin(_: &Started) -> Self {
        Self
    }

    #[step]
    async fn one(&self, cx: &SagaContext) -> Result<u64, StepError> {
        act(cx, 1).await
    }

    #[step(after(one))]
    async fn two(&self, cx: &SagaContext) -> Result<u64, StepError> {
        act(cx, 2).await
    }

    #[step(after(two))]
    async fn three(&self, cx: &SagaContext) -> Result<u64, StepError> {
        act(cx, STEPS).await
    }
}

#[module(aggregates(Part), sagas(Work))]
struct Working;

pub(crate) fn postgres(criterion: &mut Criterion, runtime: &Runtime, database: &PostgresSubject) {
    let mut group = group(criterion, "sagas/postgresql");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(SAGAS));
    let next = AtomicU64::new(0);
    let calls = Arc::new(Calls::default());
    let app = Lazy::new(async || {
        let options = PostgresOptions::new(database.url().await?).with_schema(SCHEMA);
        let store = PostgresStore::connect_with(options).await?;
        let counting = Counting::over(store.ports().events, calls.clone());
        let mut config = orchestrix::app::Config::new();
        config.sagas_at_once = AT_ONCE;
        let builder = Orchestrix::builder().isolated().store(store);
        let builder = builder.events(Arc::new(counting)).config(config);
        Ok(builder.module(Working).start().await?)
    });
    let by_hand = async |rounds: u64| {
        let app = app.get().await?;
        let start = Instant::now();
        for _ in 0..rounds {
            let first = next.fetch_add(SAGAS, Ordering::Relaxed);
            stream::iter(first..first + SAGAS)
                .map(|number| async move {
                    for step in 1..=STEPS {
                        let part = format!("by-hand-{number}.{step}");
                        app.dispatch(Do { part }).await?;
                    }
                    Ok::<_, BoxError>(())
                })
                .buffer_unordered(AT_ONCE)
                .try_collect::<()>()
                .await?;
        }
        Ok(start.elapsed())
    };
    group.bench_function("baseline", |bencher| {
        bencher.iter_custom(|rounds| succeeded(runtime.block_on(by_hand(rounds))));
    });
    let sagas = async |rounds: u64| {
        let app = app.get().await?;
        let mut took = Duration::ZERO;
        for _ in 0..rounds {
            let first = next.fetch_add(SAGAS, Ordering::Relaxed);
            let start = Instant::now();
            let position = begin(app, first).await?;
            app.caught_up(position, PATIENCE).await?;
            took += start.elapsed();
            check(app, first + SAGAS - 1).await?;
        }
        Ok(took)
    };
    group.bench_function("saga", |bencher| {
        calls.forget();
        bencher.iter_custom(|rounds| {
            calls.expect(rounds * SAGAS * STEPS);
            succeeded(runtime.block_on(sagas(rounds)))
        });
    });
    if app.started().is_some() {
        eprintln!("sagas/postgresql: {calls}");
    }
    app.shut_down(runtime);
    group.finish();
}

/// Writes the events that start them.
async fn begin(app: &App, first: u64) -> Result<GlobalPosition, BoxError> {
    let mut appends = Vec::new();
    for number in first..first + SAGAS {
        let event = EventData::new("Started", 1, Payload::of(&Started { number })?);
        let stream = StreamId::new("desk", &number.to_string())?;
        appends.push(Append::new(stream, ExpectedVersion::NoStream, vec![event]));
    }
    let mut last = GlobalPosition::START;
    for appended in app.store().append(appends).await {
        last = last.max(appended?.position);
    }
    Ok(last)
}

/// A run in which something else happened measured something else.
async fn check(app: &App, number: u64) -> Result<(), BoxError> {
    let history = app.sagas::<Work>().history(&number).await?;
    let status = history.ok_or("it never began")?.status.to_string();
    match status.as_str() {
        "completed" => Ok(()),
        _ => Err(format!("saga {number} is {status}").into()),
    }
}
