//! Opening the shop on the store that was chosen.

use orchestrix::app::StartError;
use orchestrix::prelude::*;
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
    Ok(builder.module(Shop).module(desk).start().await?)
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
