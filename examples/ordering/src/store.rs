//! Opening the shop on the store that was chosen.

use orchestrix::app::StartError;
use orchestrix::prelude::*;
use orchestrix::subscription::Delivery;
use orchestrix_postgres::{PostgresError, PostgresStore};
use orchestrix_sqlite::{SqliteError, SqliteStore};

use crate::cli::StoreChoice;
use crate::fulfilment::{FulfilmentDesk, SimulatedProvider};
use crate::shop::Shop;

/// Starts the shop.
///
/// # Errors
///
/// [`OpenError`] when the store cannot be opened or reached.
pub async fn open(choice: &StoreChoice) -> Result<App, OpenError> {
    let builder = Orchestrix::builder();
    let builder = match choice {
        StoreChoice::Memory => builder.store(MemoryStore::new()),
        StoreChoice::Sqlite(path) => builder.store(SqliteStore::open(path).await?),
        StoreChoice::Postgres(url) => builder.store(PostgresStore::connect(url).await?),
    };
    // Clones are one provider: it takes the payments, and carries the parcels.
    let provider = SimulatedProvider::new();
    let desk = FulfilmentDesk::new(provider.clone(), provider);
    let builder = builder.module(Shop).module(desk);
    Ok(builder
        .delivery(Shop::TAKES_BACK, side_by_side())
        .start()
        .await?)
}

/// Orders that are cancelled concern customers of their own, mostly: several at once.
fn side_by_side() -> Delivery {
    let mut delivery = Delivery::default();
    delivery.lanes = 8;
    delivery
}

/// Why the shop could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The SQLite file.
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
    /// The PostgreSQL database.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// The app.
    #[error(transparent)]
    Start(#[from] StartError),
}
