//! The stores that these tests run on, each several times over the same contents, as several processes have it.

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{Backend, MemoryStore, Ports, StoreHealth};
use orchestrix::testkit::faults::{AppendFault, FaultStore};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use orchestrix_sqlite::SqliteStore;

use crate::torture::in_database::{in_database, on_runtime};
use crate::torture::work::PATIENCE;

/// Each of them stands for a process of its own.
const STORES: usize = 4;

/// Several open stores on the same contents.
pub(crate) type Stores = Vec<Arc<dyn Backend>>;

/// One test for each line: `name: on(run);` runs `run(stores)` on these stores.
macro_rules! on_stores {
    ($($name:ident: $on:ident($run:expr);)*) => {
        $(#[test]
        fn $name() -> Result<(), orchestrix::error::BoxError> {
            $crate::dcb::stores::$on(stringify!($name), $run)
        })*
    };
}
pub(crate) use on_stores;

pub(crate) fn in_memory<F>(_: &str, run: impl FnOnce(Stores) -> F) -> Result<(), BoxError>
where
    F: Future<Output = Result<(), BoxError>>,
{
    let store = MemoryStore::new();
    let stores = (0..STORES).map(|_| Arc::new(store.clone()) as Arc<dyn Backend>);
    on_runtime(run(stores.collect()))
}

pub(crate) fn on_sqlite<F>(test: &str, run: impl FnOnce(Stores) -> F) -> Result<(), BoxError>
where
    F: Future<Output = Result<(), BoxError>>,
{
    let folder = tempfile::Builder::new().prefix(test).tempdir()?;
    on_runtime(async {
        let mut stores = Stores::new();
        for _ in 0..STORES {
            let store = SqliteStore::open(folder.path().join("store.db")).await?;
            stores.push(Arc::new(store));
        }
        run(stores).await
    })
}

pub(crate) fn on_postgres<F>(test: &str, run: impl FnOnce(Stores) -> F) -> Result<(), BoxError>
where
    F: Future<Output = Result<(), BoxError>>,
{
    in_database(test, async |url| {
        let mut stores = Stores::new();
        for _ in 0..STORES {
            let options = PostgresOptions::new(url.as_str()).with_acquire_timeout(PATIENCE);
            stores.push(Arc::new(PostgresStore::connect_with(options).await?));
        }
        run(stores).await
    })
}

/// An app on each store.
pub(crate) async fn apps(stores: Stores) -> Result<Vec<App>, BoxError> {
    let mut apps = Vec::new();
    for store in stores {
        let app = Orchestrix::builder().isolated().store(Opened(store));
        apps.push(app.start().await?);
    }
    Ok(apps)
}

/// An app on each store, with a gate before its appends; the gates are open.
pub(crate) async fn apps_behind_gates(
    stores: Stores,
) -> Result<(Vec<App>, Vec<FaultStore>), BoxError> {
    let (mut apps, mut gates) = (Vec::new(), Vec::new());
    for store in stores {
        let gate = FaultStore::over(store.ports().events);
        gate.always(AppendFault::Held);
        gate.gate().open();
        let builder = Orchestrix::builder().isolated().store(Opened(store));
        apps.push(builder.events(Arc::new(gate.clone())).start().await?);
        gates.push(gate);
    }
    Ok((apps, gates))
}

/// Ends them all, and their stores.
pub(crate) async fn shut_down(apps: Vec<App>) -> Result<(), BoxError> {
    for app in apps {
        app.shutdown().await?;
    }
    Ok(())
}

/// A store that has been opened already.
pub(crate) struct Opened(pub(crate) Arc<dyn Backend>);

#[async_trait]
impl Backend for Opened {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn ports(&self) -> Ports {
        self.0.ports()
    }

    async fn health(&self) -> StoreHealth {
        self.0.health().await
    }

    async fn close(&self) -> Result<(), BoxError> {
        self.0.close().await
    }
}
