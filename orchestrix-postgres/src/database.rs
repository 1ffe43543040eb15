//! The connections to the database.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Postgres};

use crate::{PostgresError, PostgresOptions};

/// A connection that has been idle for longer is tried before it is used, so that one which died meanwhile is not
/// taken for one that died with an append on it. Shorter, and each append would pay for a round trip.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// A pool, whose it is, and where it leads.
#[derive(Debug)]
pub(crate) struct Database {
    pool: PgPool,
    ownership: Ownership,
    closed: AtomicBool,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ownership {
    Ours,
    Callers,
}

/// Where the database is, for people.
#[derive(Debug, Clone)]
struct Place {
    host: String,
    database: String,
}

impl Place {
    fn of(options: &PgConnectOptions) -> Self {
        let host = match options.get_socket() {
            Some(folder) => folder.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        // The server takes the user's name when no database is named.
        let database = options.get_database().unwrap_or(options.get_username());
        Self {
            host,
            database: database.to_owned(),
        }
    }

    fn unreachable(&self, source: sqlx::Error) -> PostgresError {
        PostgresError::Unreachable {
            host: self.host.clone(),
            database: self.database.clone(),
            source: source.into(),
        }
    }
}

impl Database {
    /// A pool of our own, once one connection could be made.
    pub(crate) async fn connect(options: &PostgresOptions) -> Result<Self, PostgresError> {
        let driver = options.driver()?;
        let place = Place::of(&driver);
        // By hand, because the pool repeats refused connections until its time is over and then forgets the reason.
        let first = tokio::time::timeout(options.connect_timeout(), driver.connect()).await;
        let connection = first
            .unwrap_or_else(|_elapsed| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
            .map_err(|source| place.unreachable(source))?;
        // It has served its purpose; how it ends does not matter.
        let _ = connection.close().await;

        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections())
            .acquire_timeout(options.acquire_timeout())
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > TRUSTED_FOR {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(driver);
        Ok(Self {
            pool,
            ownership: Ownership::Ours,
            closed: AtomicBool::new(false),
            place,
        })
    }

    /// The caller's pool, which stays the caller's.
    pub(crate) fn of_pool(pool: PgPool) -> Self {
        let place = Place::of(&pool.connect_options());
        Self {
            pool,
            ownership: Ownership::Callers,
            closed: AtomicBool::new(false),
            place,
        }
    }

    /// A connection; when it fails, nothing was sent.
    pub(crate) async fn acquire(&self) -> Result<PoolConnection<Postgres>, PostgresError> {
        if self.is_closed() {
            return Err(PostgresError::Closed);
        }
        let acquired = self.pool.acquire().await;
        acquired.map_err(|source| self.place.unreachable(source))
    }

    /// Room for one connection beside the pool, which may be small and the caller's.
    pub(crate) fn beside(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(self.pool.connect_options().as_ref().clone())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(crate) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        if self.ownership == Ownership::Ours {
            self.pool.close().await;
        }
    }
}
