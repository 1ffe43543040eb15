//! The connections to the database.

mod lease;
mod scope;
mod slots;
mod transaction;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio::time::{Instant, timeout, timeout_at};

use crate::options::DEFAULT_ANSWER_TIMEOUT;
use crate::{PostgresError, PostgresOptions};
pub(crate) use lease::{Lease, within};
pub(crate) use scope::Scope;
pub(crate) use slots::Purpose;
use slots::Slots;

/// A connection that has been idle for longer is tried before it is used, so that one which died meanwhile is not
/// taken for one that died with an append on it. Shorter, and each append would pay for a round trip.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// How long that trial may take at most. It is short, so that a connection that leads nowhere any more can still be
/// replaced by a new one within the time that a caller waits for one.
const TRIAL_LIMIT: Duration = Duration::from_secs(1);

/// A pool, whose it is, and where it leads.
#[derive(Debug)]
pub(crate) struct Database {
    pool: PgPool,
    ownership: Ownership,
    closed: AtomicBool,
    place: Place,
    slots: Slots,
    acquire_timeout: Duration,
    answer_timeout: Duration,
    row_level_security: bool,
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
        let connection = within(options.connect_timeout(), driver.connect())
            .await
            .map_err(|source| place.unreachable(source))?;
        // It has served its purpose; how it ends does not matter.
        let _ = within(options.connect_timeout(), connection.close()).await;

        let trial_limit = TRIAL_LIMIT.min(options.acquire_timeout() / 2);
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections())
            .acquire_timeout(options.acquire_timeout())
            .test_before_acquire(false)
            .before_acquire(move |connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > TRUSTED_FOR {
                        within(trial_limit, connection.ping()).await?;
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
            slots: Slots::new(options.max_connections()),
            acquire_timeout: options.acquire_timeout(),
            answer_timeout: options.answer_timeout(),
            row_level_security: options.row_level_security(),
        })
    }

    /// The caller's pool, which stays the caller's.
    pub(crate) fn of_pool(pool: PgPool) -> Self {
        let place = Place::of(&pool.connect_options());
        let slots = Slots::new(pool.options().get_max_connections());
        let acquire_timeout = pool.options().get_acquire_timeout();
        Self {
            pool,
            ownership: Ownership::Callers,
            closed: AtomicBool::new(false),
            place,
            slots,
            acquire_timeout,
            answer_timeout: DEFAULT_ANSWER_TIMEOUT,
            row_level_security: false,
        }
    }

    /// A connection for what belongs to no tenant: with row-level security, it sees nothing that does. Within the
    /// acquire time-out; when it fails, nothing was sent.
    pub(crate) async fn lease(&self, purpose: Purpose) -> Result<Lease, PostgresError> {
        self.lease_for(purpose, Scope::NoTenant).await
    }

    /// A connection for rows of these tenants, as [`Self::lease`].
    pub(crate) async fn lease_for(
        &self,
        purpose: Purpose,
        scope: Scope,
    ) -> Result<Lease, PostgresError> {
        if self.is_closed() {
            return Err(PostgresError::Closed);
        }
        let deadline = Instant::now() + self.acquire_timeout;
        let taken = timeout_at(deadline, self.slots.take(purpose)).await;
        let slot = taken.unwrap_or_else(|_elapsed| {
            Err(PostgresError::Exhausted {
                connections: self.slots.open_to(purpose),
                waited: self.acquire_timeout,
            })
        })?;
        let acquired = timeout_at(deadline, self.pool.acquire()).await;
        let connection = acquired
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
            .map_err(|source| self.place.unreachable(source))?;
        let opening = self.row_level_security.then(|| scope.opening()).flatten();
        Ok(Lease::new(connection, slot, self.answer_timeout, opening))
    }

    /// Whether statements say for which tenants they are.
    pub(crate) fn row_level_security(&self) -> bool {
        self.row_level_security
    }

    /// How long a connection is waited for.
    pub(crate) fn acquire_timeout(&self) -> Duration {
        self.acquire_timeout
    }

    /// How long the answer to one statement is waited for.
    pub(crate) fn answer_timeout(&self) -> Duration {
        self.answer_timeout
    }

    /// Room for one connection beside the pool, which may be small and the caller's.
    pub(crate) fn beside(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(self.acquire_timeout)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(self.pool.connect_options().as_ref().clone())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Waits for the connections in use, as long as an answer may take; those that are still in use then are closed
    /// as soon as they are given back.
    pub(crate) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.slots.close();
        if self.ownership == Ownership::Ours {
            let _ = timeout(self.answer_timeout, self.pool.close()).await;
        }
    }
}
