//! Two tenants with equal names, keys and ids: whatever the one does, the other cannot tell.
//!
//! What a tenant can do and what a tenant can see are two lists over all calls of all ports. For each pair of them one
//! tenant does the one, and another tenant sees the other: as if the first tenant did not exist. Within one tenant the
//! same pairs do make a difference, so that no row of the lists is idle.

mod app;
mod matrix;
mod observations;
mod operations;
mod recording;
mod recording_rebuilds;
mod recording_schedules;
mod side;
mod told;

pub(crate) use matrix::leaks;

use std::future::Future;

use orchestrix::error::chain;
use orchestrix::store::Ports;
use orchestrix::testkit::conformance::StoreUnderTest;
use tests::{MemorySubject, PostgresRlsSubject, PostgresSubject, SqliteSubject};

/// Runs a test on the ports of a store, unless the store is not available here.
fn on<S, T, F>(subject: S, test: T)
where
    S: StoreUnderTest,
    T: FnOnce(Ports) -> F,
    F: Future<Output = ()>,
{
    if let Some(reason) = subject.unavailable() {
        eprintln!("SKIP {reason}");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    runtime.block_on(async {
        let opened = subject.open().await;
        let backend = opened.unwrap_or_else(|error| panic!("the store opens: {}", chain(&*error)));
        test(backend.ports()).await;
        let closed = backend.close().await;
        closed.unwrap_or_else(|error| panic!("the store closes: {}", chain(&*error)));
        let disposed = subject.dispose().await;
        disposed.unwrap_or_else(|error| panic!("the store is removed: {}", chain(&*error)));
    });
}

#[test]
fn tenants_are_apart_in_memory() {
    on(MemorySubject::default(), matrix::tenants_are_apart);
}

#[test]
fn tenants_are_apart_in_sqlite() {
    on(SqliteSubject::new("tenants"), matrix::tenants_are_apart);
}

#[test]
fn tenants_are_apart_in_postgresql() {
    on(PostgresSubject::new("tenants"), matrix::tenants_are_apart);
}

#[test]
fn within_a_tenant_each_row_makes_a_difference() {
    on(
        MemorySubject::default(),
        matrix::each_row_makes_a_difference,
    );
}

#[test]
fn each_call_of_each_port_is_in_the_matrix() {
    on(MemorySubject::default(), matrix::each_call_is_made);
}

#[test]
fn apps_keep_tenants_apart_in_memory() {
    on(MemorySubject::default(), app::tenants_are_apart);
}

#[test]
fn apps_keep_tenants_apart_in_sqlite() {
    on(
        SqliteSubject::new("tenants_of_an_app"),
        app::tenants_are_apart,
    );
}

#[test]
fn apps_keep_tenants_apart_in_postgresql() {
    on(
        PostgresSubject::new("tenants_of_an_app"),
        app::tenants_are_apart,
    );
}

#[test]
fn tenants_are_apart_in_postgresql_with_row_level_security() {
    on(
        PostgresRlsSubject::new("tenants_rls"),
        matrix::tenants_are_apart,
    );
}

#[test]
fn apps_keep_tenants_apart_in_postgresql_with_row_level_security() {
    on(
        PostgresRlsSubject::new("tenants_of_an_app_rls"),
        app::tenants_are_apart,
    );
}
