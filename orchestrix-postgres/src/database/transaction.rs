//! A transaction of several statements, by hand.

use std::time::Duration;

use sqlx::AssertSqlSafe;

use super::{Database, Lease, Purpose, Scope};
use crate::PostgresError;

/// A session whose client stands still in a transaction is ended by the server, with the locks that it holds: others wait
/// for these.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Rolled back when it is dropped: its connection is closed then, unless it was [rolled back](Self::roll_back).
pub(crate) struct Transaction {
    lease: Lease,
}

impl Database {
    /// Begins a transaction for rows of these tenants. When it fails, nothing was sent that matters.
    pub(crate) async fn begin(
        &self,
        purpose: Purpose,
        scope: &Scope,
    ) -> Result<Result<Transaction, sqlx::Error>, PostgresError> {
        let mut lease = self.lease(purpose).await?;
        let pause = LONGEST_PAUSE.as_millis();
        let mut opening = format!(
            "begin isolation level read committed; \
             set local idle_in_transaction_session_timeout = {pause}"
        );
        if self.row_level_security()
            && let Some(setting) = scope.setting()
        {
            opening.push_str("; ");
            opening.push_str(&setting);
        }
        let begun = lease.say(AssertSqlSafe(opening)).await;
        Ok(begun.map(|()| Transaction { lease }))
    }
}

impl Transaction {
    /// The connection, for one statement. An answer does not end the transaction.
    pub(crate) fn connection(&mut self) -> InTransaction<'_> {
        InTransaction(&mut self.lease)
    }

    /// When it fails, it may have been done, unless the server said that it was not.
    pub(crate) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.lease.commit().await
    }

    /// The connection can be used again where this is answered.
    pub(crate) async fn roll_back(mut self) {
        if self.lease.say("rollback").await.is_ok() {
            self.lease.answered();
        }
    }
}

/// The connection as long as a statement takes. After it, the connection is as good as unanswered.
pub(crate) struct InTransaction<'a>(&'a mut Lease);

impl std::ops::Deref for InTransaction<'_> {
    type Target = Lease;

    fn deref(&self) -> &Lease {
        self.0
    }
}

impl std::ops::DerefMut for InTransaction<'_> {
    fn deref_mut(&mut self) -> &mut Lease {
        self.0
    }
}

impl Drop for InTransaction<'_> {
    fn drop(&mut self) {
        self.0.unlimited();
    }
}
