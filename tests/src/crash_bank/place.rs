//! Where the bank's data is.

use std::path::PathBuf;
use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::Backend;
use orchestrix_postgres::PostgresStore;
use orchestrix_sqlite::SqliteStore;

use super::Bank;
use super::ledger::{PostgresBooks, SqliteBooks};

/// A database for the bank.
#[derive(Debug, Clone)]
pub enum BankPlace {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database.
    Postgres(String),
}

impl BankPlace {
    /// As two arguments of a command line.
    pub fn arguments(&self) -> [String; 2] {
        match self {
            Self::Sqlite(file) => ["sqlite".to_owned(), file.display().to_string()],
            Self::Postgres(url) => ["postgres".to_owned(), url.clone()],
        }
    }

    /// From these arguments, if they name a place.
    pub fn of_arguments(kind: &str, place: &str) -> Option<Self> {
        match kind {
            "sqlite" => Some(Self::Sqlite(place.into())),
            "postgres" => Some(Self::Postgres(place.to_owned())),
            _ => None,
        }
    }

    /// Starts the app on it.
    ///
    /// # Errors
    /// When the store cannot be opened, or the app not be started.
    pub async fn start(&self, bank: Bank) -> Result<App, BoxError> {
        let builder = Orchestrix::builder().isolated();
        let builder = match self {
            Self::Sqlite(file) => builder
                .store(SqliteStore::open(file).await?)
                .module(SqliteBooks),
            Self::Postgres(url) => builder
                .store(PostgresStore::connect(url).await?)
                .module(PostgresBooks),
        };
        Ok(builder.module(bank).start().await?)
    }

    /// Opens the store alone.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        Ok(match self {
            Self::Sqlite(file) => Arc::new(SqliteStore::open(file).await?),
            Self::Postgres(url) => Arc::new(PostgresStore::connect(url).await?),
        })
    }
}
