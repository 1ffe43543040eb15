//! Why the store could not be opened, and what a failure in the database means for what was asked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use orchestrix::error::BoxError;

/// Why a [`PostgresStore`](crate::PostgresStore) could not be opened or used. No variant shows a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// The URL cannot be read as `postgres://user:password@host:port/database`.
    #[error("the database URL `{url}` cannot be read")]
    InvalidUrl {
        /// The URL, without its password.
        url: String,
        /// What is wrong with it.
        source: BoxError,
    },
    /// The schema's name is not of the form accepted.
    #[error(
        "the schema name `{name}` is not accepted: it must start with a-z or _, go on with a-z, 0-9 or _, and have at \
         most 41 characters"
    )]
    InvalidSchema {
        /// The name as given.
        name: String,
    },
    /// No connection: nobody answers there, or the server refuses this user.
    #[error("no connection to PostgreSQL at {host}, database `{database}`")]
    Unreachable {
        /// Host and port, or the socket's folder.
        host: String,
        /// The database.
        database: String,
        /// What the driver said.
        source: BoxError,
    },
    /// All connections that may be used for this were in use, or still being made, as long as a call waits for one.
    /// Nothing was sent.
    #[error("all {connections} connections open to it were in use for {waited:?}")]
    Exhausted {
        /// How many there are. Commands may use one less than the store has, which is left to subscriptions.
        connections: u32,
        /// The acquire time-out.
        waited: Duration,
    },
    /// The server is too old.
    #[error("the server is PostgreSQL {found}, at least version {least} is needed")]
    ServerTooOld {
        /// Its major version.
        found: i32,
        /// The oldest major version that works.
        least: i32,
    },
    /// The database does not keep text as UTF-8.
    #[error("the database's encoding is {found}: create one with encoding UTF8")]
    Encoding {
        /// What it is.
        found: String,
    },
    /// The schema was made by a newer version of this crate.
    #[error(
        "schema `{schema}` is at migration {found}, this version knows migrations up to {known}: run a version of the \
         application that is at least as new as the one that migrated it"
    )]
    SchemaTooNew {
        /// The schema.
        schema: String,
        /// Its last migration.
        found: i32,
        /// The last migration known here.
        known: i32,
    },
    /// The schema was made by an older version of this crate, or is not there.
    #[error(
        "schema `{schema}` is at migration {found}, this version works with {known}: open it once with a role that may \
         migrate it"
    )]
    SchemaOutdated {
        /// The schema.
        schema: String,
        /// Its last migration, 0 where there is none.
        found: i32,
        /// The last migration known here.
        known: i32,
    },
    /// The table of events cannot be divided so.
    #[error(
        "the events of schema `{schema}` cannot be in {wanted} partitions, they are in {found}: from 1 to 1024 can be \
         made of a table that has none"
    )]
    Partitions {
        /// The schema.
        schema: String,
        /// How many were wanted.
        wanted: u16,
        /// How many there are, 0 for a table in one piece.
        found: u32,
    },
    /// This role goes past row-level security, which therefore protects nothing.
    #[error(
        "the role `{role}` bypasses row-level security: use one that is no superuser and does not have BYPASSRLS"
    )]
    RowSecurityBypassed {
        /// The role of the session.
        role: String,
    },
    /// Row-level security was asked for and does not protect all that belongs to tenants.
    #[error(
        "row-level security does not protect {}: enable it as the owner of the schema, after each upgrade", .tables.join(", ")
    )]
    RowSecurityMissing {
        /// The tables.
        tables: Vec<String>,
    },
    /// The sequence of positions hands out ranges: positions would not be in the order they are drawn in, and readers
    /// would lose events.
    #[error(
        "the sequence `{sequence}` must have increment 1 and cache 1, it has increment {increment} and cache {cache}"
    )]
    Sequence {
        /// The sequence.
        sequence: String,
        /// Its increment.
        increment: i64,
        /// How many values each session takes at once.
        cache: i64,
    },
    /// A migration failed; the schema is as it was before.
    #[error("migration {number} ({name}) of schema `{schema}` failed")]
    Migration {
        /// The schema.
        schema: String,
        /// The migration's number.
        number: i32,
        /// Its name.
        name: &'static str,
        /// What the driver said.
        source: BoxError,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The database failed while the store was being opened.
    #[error("the database failed to {doing}")]
    Failed {
        /// What it was asked for.
        doing: &'static str,
        /// What the driver said.
        source: BoxError,
    },
}

/// What an error of the driver says about the statement that was under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Rolled back, because of others who were at work at the same time: worth another try at once.
    Contention,
    /// Rolled back or never begun; may succeed when the server is well again.
    Unavailable,
    /// Rolled back; the server refuses it.
    Refused,
    /// The answer is missing: it may have been done.
    Lost,
}

impl Fault {
    pub(crate) fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                Self::of_sqlstate(error.code().as_deref().unwrap_or_default())
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Unavailable,
            sqlx::Error::Encode(_) | sqlx::Error::TypeNotFound { .. } => Self::Refused,
            _ => Self::Lost,
        }
    }

    /// Whether a statement that does no harm when it is done twice may succeed when it is tried again.
    pub(crate) fn is_transient(self) -> bool {
        self != Self::Refused
    }

    /// A server that answers with an error has rolled back.
    fn of_sqlstate(code: &str) -> Self {
        match code {
            // serialization_failure, deadlock_detected, lock_not_available, unique_violation
            "40001" | "40P01" | "55P03" | "23505" => Self::Contention,
            // admin_shutdown, crash_shutdown, cannot_connect_now, query_canceled (by the statement time-out),
            // idle_in_transaction_session_timeout
            "57P01" | "57P02" | "57P03" | "57014" | "25P03" => Self::Unavailable,
            // insufficient_resources, connection exceptions
            _ if code.starts_with("53") || code.starts_with("08") => Self::Unavailable,
            _ => Self::Refused,
        }
    }
}

/// One failure that is the cause of many outcomes.
#[derive(Debug, Clone)]
pub(crate) struct SharedCause(Arc<dyn std::error::Error + Send + Sync>);

impl SharedCause {
    pub(crate) fn new(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(cause))
    }

    pub(crate) fn of_boxed(cause: BoxError) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for SharedCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for SharedCause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
