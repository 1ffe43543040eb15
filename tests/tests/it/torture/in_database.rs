//! A PostgreSQL database for each test, which goes away also when the test fails.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use orchestrix::error::BoxError;
use orchestrix::testkit::conformance::StoreUnderTest;
use test_servers::{Availability, require_or_skip};
use tests::PostgresSubject;
use url::Url;

/// Runs a test in an empty database of its own on the shared server; without a server it is skipped with a line that
/// says so.
pub(crate) fn in_database<F>(test: &str, body: impl FnOnce(Url) -> F) -> Result<(), BoxError>
where
    F: Future<Output = Result<(), BoxError>>,
{
    let database = PostgresSubject::new(test);
    if let Some(reason) = database.unavailable() {
        require_or_skip(test, Availability::Missing(reason));
        return Ok(());
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        on_runtime(async { body(database.url().await?).await })
    }));
    // Whatever the test left open ended with its runtime, so nobody uses the database any more.
    let disposed = on_runtime(database.dispose());
    match outcome {
        Ok(outcome) => outcome.and(disposed),
        Err(panic) => resume_unwind(panic),
    }
}

/// Runs a future on a runtime that ends with it.
pub(crate) fn on_runtime<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime
        .expect("the machine has threads left")
        .block_on(future)
}
