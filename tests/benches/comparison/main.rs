//! Commands and loads of this framework beside the same work written by hand, in the same run.
//!
//! `cargo xtask bench` runs this with a PostgreSQL server that syncs its commits, and prints the ratios; a part of a
//! benchmark's name selects, as in `cargo xtask bench -- dispatch/sqlite`.

mod by_hand;
mod catch_up;
mod dispatch;
mod domain;
mod lazy;
mod rehydration;
mod sagas;
mod workload;

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};
use orchestrix::error::BoxError;
use orchestrix::testkit::conformance::StoreUnderTest;
use sqlx::{Connection, PgConnection};
use tests::PostgresSubject;
use tokio::runtime::Runtime;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(2_500))
        .nresamples(10_000)
        .configure_from_args();
    let runtime = succeeded(Runtime::new().map_err(BoxError::from));
    dispatch::memory(&mut criterion, &runtime);
    rehydration::memory(&mut criterion, &runtime);
    catch_up::memory(&mut criterion, &runtime);
    dispatch::sqlite(&mut criterion, &runtime);
    rehydration::sqlite(&mut criterion, &runtime);
    catch_up::sqlite(&mut criterion, &runtime);
    let database = PostgresSubject::new("bench");
    match database.unavailable() {
        Some(reason) => eprintln!("SKIP the benchmarks on PostgreSQL: {reason}"),
        None => {
            succeeded(runtime.block_on(warn_if_not_durable(&database)));
            dispatch::postgres(&mut criterion, &runtime, &database);
            rehydration::postgres(&mut criterion, &runtime, &database);
            catch_up::postgres(&mut criterion, &runtime, &database);
            sagas::postgres(&mut criterion, &runtime, &database);
            succeeded(runtime.block_on(database.dispose()));
        }
    }
    criterion.final_summary();
}

/// A group whose samples all consist of equally many iterations, as each has a part that is not measured.
fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat);
    group
}

/// A benchmark that fails has no result: what was measured up to then means nothing.
fn succeeded<T>(outcome: Result<T, BoxError>) -> T {
    outcome.unwrap_or_else(|error| panic!("the benchmark failed: {error}"))
}

async fn warn_if_not_durable(database: &PostgresSubject) -> Result<(), BoxError> {
    let mut connection = PgConnection::connect(database.url().await?.as_str()).await?;
    let fsync: String = sqlx::query_scalar("show fsync")
        .fetch_one(&mut connection)
        .await?;
    if fsync != "on" {
        eprintln!(
            "NOTE: this PostgreSQL server does not sync commits; `cargo xtask bench` starts one that does"
        );
    }
    Ok(connection.close().await?)
}
