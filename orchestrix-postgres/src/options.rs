//! How to reach the database.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use orchestrix::store::Limits;
use sqlx::postgres::PgConnectOptions;

use crate::PostgresError;

/// The schema that the tables are in unless told otherwise.
pub const DEFAULT_SCHEMA: &str = "orchestrix";

/// How long the answer to a statement is waited for when nobody said otherwise.
pub(crate) const DEFAULT_ANSWER_TIMEOUT: Duration =
    DEFAULT_STATEMENT_TIMEOUT.saturating_add(ANSWER_ON_ITS_WAY);
const DEFAULT_STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
/// How much longer than the server works on a statement its answer is waited for.
const ANSWER_ON_ITS_WAY: Duration = Duration::from_secs(5);

/// How to reach the database, and how much of it to use. Its `Debug` shows no password.
///
/// ```
/// use orchestrix_postgres::PostgresOptions;
/// let options = PostgresOptions::new("postgres://app:secret@db/shop").with_max_connections(20);
/// assert_eq!((options.max_connections(), options.schema()), (20, "orchestrix"));
/// assert!(!format!("{options:?}").contains("secret"));
/// ```
#[derive(Clone)]
pub struct PostgresOptions {
    url: String,
    schema: String,
    application_name: String,
    max_connections: u32,
    connect_timeout: Duration,
    acquire_timeout: Duration,
    statement_timeout: Duration,
    answer_timeout: Option<Duration>,
    limits: Limits,
    row_level_security: bool,
}

impl PostgresOptions {
    /// The database at this URL, with defaults for the rest.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            schema: DEFAULT_SCHEMA.to_owned(),
            application_name: "orchestrix".to_owned(),
            max_connections: 10,
            connect_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: DEFAULT_STATEMENT_TIMEOUT,
            answer_timeout: None,
            limits: Limits::default(),
            row_level_security: false,
        }
    }

    /// Tables in this schema, which is created when it is absent. Several stores can live in one database, each in its
    /// own schema. Accepted is `[a-z_][a-z0-9_]{0,40}`.
    #[must_use]
    pub fn with_schema(mut self, name: impl Into<String>) -> Self {
        self.schema = name.into();
        self
    }

    /// The name that operators see in `pg_stat_activity`; `orchestrix` unless set.
    #[must_use]
    pub fn with_application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = name.into();
        self
    }

    /// At most so many connections, at least 1; 10 unless set. Commands and what callers read use one less, so that
    /// subscriptions go on when commands keep all others; where there is but one, they share it. One more than these
    /// is used for wake-ups while somebody waits for changes.
    #[must_use]
    pub fn with_max_connections(mut self, connections: u32) -> Self {
        self.max_connections = connections.max(1);
        self
    }

    /// How long the first connection may take; 5 s unless set.
    #[must_use]
    pub fn with_connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long a call waits for a free connection and, where need be, for one to be made, both together; 5 s unless
    /// set, and at most an hour.
    #[must_use]
    pub fn with_acquire_timeout(mut self, limit: Duration) -> Self {
        self.acquire_timeout = limit.min(Duration::from_secs(3600));
        self
    }

    /// How long the server works on one statement before it gives up, in milliseconds, at most 24 days; 30 s unless
    /// set, and with zero without end. Migrations have a limit of their own, ten minutes.
    #[must_use]
    pub fn with_statement_timeout(mut self, limit: Duration) -> Self {
        self.statement_timeout = limit;
        self
    }

    /// How long the answer to one statement is waited for here, at least 1 ms; 5 s longer than the statement time-out
    /// unless set, and 35 s where that is without end. This limit holds when the network goes silent and no server can
    /// keep its own: a read then fails as unavailable, and of an append nobody knows whether it was done.
    ///
    /// A connection whose answer did not come in time is closed. With less than the statement time-out, the server may
    /// still be at work then.
    #[must_use]
    pub fn with_answer_timeout(mut self, limit: Duration) -> Self {
        self.answer_timeout = Some(limit.max(Duration::from_millis(1)));
        self
    }

    /// The most that one append may hold; what is over is refused before the database sees a byte of it.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Has the server itself keep tenants apart, as a second wall: each statement runs in a transaction of its own that
    /// says which tenants it is for, and the policies that the owner made with
    /// [`PostgresStore::enable_row_level_security`](crate::PostgresStore::enable_row_level_security) let it see and
    /// write no other rows. It costs two more round trips each.
    ///
    /// Opening the store is refused where that protects nothing: for a role that bypasses policies, and for tables
    /// without them.
    #[must_use]
    pub fn with_row_level_security(mut self) -> Self {
        self.row_level_security = true;
        self
    }

    /// The URL, with its password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The schema that the tables are in.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// What operators see in `pg_stat_activity`.
    pub fn application_name(&self) -> &str {
        &self.application_name
    }

    /// The most connections.
    pub fn max_connections(&self) -> u32 {
        self.max_connections
    }

    /// How long the first connection may take.
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// How long a call waits for a connection.
    pub fn acquire_timeout(&self) -> Duration {
        self.acquire_timeout
    }

    /// How long the server works on one statement.
    pub fn statement_timeout(&self) -> Duration {
        self.statement_timeout
    }

    /// How long the answer to one statement is waited for.
    pub fn answer_timeout(&self) -> Duration {
        let by_statement = if self.statement_timeout.is_zero() {
            DEFAULT_ANSWER_TIMEOUT
        } else {
            self.statement_timeout.saturating_add(ANSWER_ON_ITS_WAY)
        };
        self.answer_timeout.unwrap_or(by_statement)
    }

    /// The most that one append may hold.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether statements say which tenants they are for.
    pub fn row_level_security(&self) -> bool {
        self.row_level_security
    }

    /// The driver's options.
    pub(crate) fn driver(&self) -> Result<PgConnectOptions, PostgresError> {
        let scheme_known =
            self.url.starts_with("postgres://") || self.url.starts_with("postgresql://");
        let parsed = if scheme_known {
            PgConnectOptions::from_str(&self.url).map_err(Into::into)
        } else {
            Err("it must begin with postgres://".into())
        };
        let options = parsed.map_err(|source| PostgresError::InvalidUrl {
            url: redacted(&self.url),
            source,
        })?;
        Ok(options.application_name(&self.application_name).options([
            (
                "statement_timeout",
                server_milliseconds(self.statement_timeout).to_string(),
            ),
            ("default_transaction_isolation", "read committed".to_owned()),
            // Nothing here leaves a transaction open on purpose.
            ("idle_in_transaction_session_timeout", "60s".to_owned()),
            // All statements here read by an index. A plan made while a table was small must not scan it for ever, and
            // short statements gain nothing from being compiled.
            ("enable_seqscan", "off".to_owned()),
            ("jit", "off".to_owned()),
        ]))
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("url", &redacted(&self.url))
            .field("schema", &self.schema)
            .field("application_name", &self.application_name)
            .field("max_connections", &self.max_connections)
            .field("connect_timeout", &self.connect_timeout)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("answer_timeout", &self.answer_timeout())
            .field("limits", &self.limits)
            .field("row_level_security", &self.row_level_security)
            .finish()
    }
}

/// As the server takes it: zero, which is without end there, only for zero, and no more than it knows.
fn server_milliseconds(limit: Duration) -> i32 {
    let least = i32::from(!limit.is_zero());
    i32::try_from(limit.as_millis())
        .unwrap_or(i32::MAX)
        .max(least)
}

/// The URL without what may be a password: everything between the scheme and the last `@` but the user's name, and the
/// query, where drivers accept passwords too. Made for text that may be no URL at all.
fn redacted(url: &str) -> String {
    let (address, query) = match url.split_once('?') {
        // A password may hold an unescaped question mark.
        Some((address, query)) if !query.contains('@') => (address, "?***"),
        _ => (url, ""),
    };
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let separator = if scheme.is_empty() { "" } else { "://" };
    let Some((credentials, host)) = rest.rsplit_once('@') else {
        return format!("{scheme}{separator}{rest}{query}");
    };
    match credentials.split_once(':') {
        Some((user, _)) => format!("{scheme}{separator}{user}:***@{host}{query}"),
        None => format!("{scheme}{separator}{credentials}@{host}{query}"),
    }
}

#[cfg(test)]
mod tests;
