//! The bank, and the store it is kept in.

use std::path::PathBuf;
use std::str::FromStr;

use orchestrix::app::StartError;
use orchestrix::prelude::*;
use orchestrix_postgres::{PostgresError, PostgresStore};
use orchestrix_sqlite::{SqliteError, SqliteStore};

use crate::domain::{Account, Transfer, TransferSaga};

/// The bank.
#[module(aggregates(Account, Transfer), sagas(TransferSaga))]
#[derive(Debug)]
pub struct Bank;

/// Where a bank is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreChoice {
    /// In this process only.
    Memory,
    /// In the SQLite file at this path.
    Sqlite(PathBuf),
    /// In the PostgreSQL database at this URL, which may hold a password.
    Postgres(String),
}

impl FromStr for StoreChoice {
    type Err = UnknownStore;

    fn from_str(text: &str) -> Result<Self, UnknownStore> {
        match text.split_once(':') {
            None if text == "memory" => Ok(Self::Memory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", rest)) if rest.len() > 2 && rest.starts_with("//") => {
                Ok(Self::Postgres(text.to_owned()))
            }
            _ => Err(UnknownStore),
        }
    }
}

/// Without the address of a database, which may hold a password.
impl std::fmt::Debug for StoreChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory => f.write_str("Memory"),
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(..)"),
        }
    }
}

/// A text that names no store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected memory, sqlite:PATH or postgres://URL")]
pub struct UnknownStore;

/// Starts the bank.
///
/// # Errors
/// [`OpenError`] when the store cannot be opened or reached.
pub async fn open(choice: &StoreChoice) -> Result<App, OpenError> {
    let builder = Orchestrix::builder();
    let builder = match choice {
        StoreChoice::Memory => builder.store(MemoryStore::new()),
        StoreChoice::Sqlite(path) => builder.store(SqliteStore::open(path).await?),
        StoreChoice::Postgres(url) => builder.store(PostgresStore::connect(url).await?),
    };
    Ok(builder.module(Bank).start().await?)
}

/// Why the bank could not be opened.
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
