//! A connection on loan from the pool, that is waited for only so long.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres, SqlSafeStr};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::slots::Slot;

/// A connection on loan.
///
/// It goes back to the pool only when its last statement was answered, be it with an error. Where an answer is missing,
/// because it took too long or because nobody waits for it any more, the connection is closed: who had it next would
/// wait behind the old statement.
pub(crate) struct Lease {
    connection: PoolConnection<Postgres>,
    /// Taken when it is dropped.
    slot: Option<Slot>,
    is_answered: bool,
    answer_timeout: Duration,
    /// What begins a transaction around each statement, with row-level security.
    opening: Option<Arc<str>>,
}

impl Lease {
    pub(super) fn new(
        connection: PoolConnection<Postgres>,
        slot: Slot,
        answer_timeout: Duration,
        opening: Option<String>,
    ) -> Self {
        Self {
            connection,
            slot: Some(slot),
            is_answered: true,
            answer_timeout,
            opening: opening.map(Into::into),
        }
    }

    /// All rows, within the answer time-out. When it is over, or the connection breaks, the statement may have been
    /// done; with [`sqlx::Error::Database`], it was not.
    pub(crate) async fn fetch_all(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        self.begin().await?;
        let limit = self.answer_timeout;
        let answer = within(limit, query.fetch_all(self.unlimited())).await;
        self.end(answer).await
    }

    /// The first row, if there is one, when the statement has ended, in time as [`Self::fetch_all`].
    pub(crate) async fn fetch_optional(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Option<PgRow>, sqlx::Error> {
        self.begin().await?;
        let limit = self.answer_timeout;
        let answer = within(limit, query.fetch_optional(self.unlimited())).await;
        self.end(answer).await
    }

    /// The first row when the statement has ended, in time as [`Self::fetch_all`].
    pub(crate) async fn fetch_one(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<PgRow, sqlx::Error> {
        let row = self.fetch_optional(query).await?;
        row.ok_or(sqlx::Error::RowNotFound)
    }

    /// The connection, for one who limits his time himself. Unless he says [`Self::answered`] after it, it is closed.
    pub(crate) fn unlimited(&mut self) -> &mut PgConnection {
        self.is_answered = false;
        &mut self.connection
    }

    /// The connection, to be looked at.
    pub(crate) fn connection(&self) -> &PgConnection {
        &self.connection
    }

    /// Commits a transaction that was begun by hand.
    pub(crate) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        self.say("commit").await?;
        self.answered();
        Ok(())
    }

    /// Nothing is under way any more.
    pub(crate) fn answered(&mut self) {
        self.is_answered = true;
    }

    /// Begins the transaction of a statement, where it needs one beside its own.
    async fn begin(&mut self) -> Result<(), sqlx::Error> {
        match self.opening.clone() {
            Some(opening) => self.say(AssertSqlSafe(opening)).await,
            None => Ok(()),
        }
    }

    /// Ends it: as long as it is open, the connection is not answered.
    async fn end<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if self.opening.is_none() {
            return self.note(answer);
        }
        match &answer {
            Ok(_) => {
                self.say("commit").await?;
                self.answered();
            }
            Err(sqlx::Error::Database(_)) => {
                // The connection tells how that ended: it is not used again unless it went well.
                if self.say("rollback").await.is_ok() {
                    self.answered();
                }
            }
            Err(_) => {}
        }
        answer
    }

    /// Says what has no parameters and no rows of interest, in time. The connection counts as unanswered after it.
    pub(crate) async fn say(&mut self, text: impl SqlSafeStr) -> Result<(), sqlx::Error> {
        let limit = self.answer_timeout;
        within(limit, sqlx::raw_sql(text).execute(self.unlimited())).await?;
        Ok(())
    }

    fn note<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if let Ok(_) | Err(sqlx::Error::Database(_)) = &answer {
            self.answered();
        }
        answer
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // What the driver does when a `PoolConnection` is dropped, but here it can be limited: it asks the server for
        // a sign of life first, and without an end the pool would have one connection less for ever. The future holds
        // the connection; when it is dropped, the socket is closed and the pool can open another.
        let back = self.connection.return_to_pool();
        let slot = self.slot.take();
        let limit = self.answer_timeout;
        if self.is_answered
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                let _ = timeout(limit, back).await;
                drop(slot);
            });
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("is_answered", &self.is_answered)
            .finish_non_exhaustive()
    }
}

/// What the database says, unless it says nothing for so long.
pub(crate) async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(limit, answer).await.unwrap_or_else(|_elapsed| {
        let text = format!("timed out: no answer within {limit:?}");
        Err(io::Error::new(io::ErrorKind::TimedOut, text).into())
    })
}
