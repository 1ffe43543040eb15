//! The transaction that a projection writes its tables in.
//!
//! Locks come in this order: the projection's turn, its own tables, and then, with the checkpoint, those of every consumer:
//! leases, dead letters, the build's row, checkpoints. Nobody who holds one of the latter asks for a turn.

use std::error::Error;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use orchestrix::store::{
    BeginTransaction, CheckpointError, CheckpointMove, CheckpointPlace, EndTransaction,
    GlobalPosition, ReadModelError, StoreTransaction, TenantId,
};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};

use crate::PostgresStore;
use crate::database::{Lease, Purpose, Scope, within};
use crate::error::Fault;
use crate::read_model::{failed, unavailable};
use crate::schema::{Schema, Statement};

/// How long the end of a statement that is rolled back is waited for, before the session is ended from outside.
const ROLLBACK_LIMIT: Duration = Duration::from_secs(1);
/// The longest time that the server can be told to wait for a session, in milliseconds.
const LONGEST_IDLE: u128 = i32::MAX as u128;

/// What it says beside what other rooms say.
#[derive(Debug)]
pub(crate) struct TableStatements {
    turn: Statement,
    reset: Statement,
    end_session: Statement,
}

impl TableStatements {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self {
            turn: schema.statement(include_str!("table_transaction/turn.sql")),
            reset: schema.statement("select {schema}.drop_read_model($1)"),
            end_session: schema.statement("select pg_terminate_backend($1)"),
        }
    }
}

/// A transaction of a [`PostgresStore`], lent to a
/// [`TableProjection`](orchestrix::projection::TableProjection): a [`PgConnection`] within it.
///
/// ```no_run
/// # async fn example(tx: &mut orchestrix_postgres::PostgresTransaction) -> Result<(), sqlx::Error> {
/// sqlx::query("update shelf set sold = sold + $1 where book = $2")
///     .bind(3_i64)
///     .bind("Emma")
///     .execute(&mut **tx)
///     .await?;
/// # Ok(()) }
/// ```
///
/// The connection is one of the store's pool, with its role, its search path and its
/// [statement time-out](crate::PostgresOptions::with_statement_timeout); the tables are the projection's own, and those in
/// the store's schema are to be left alone. After a statement that failed the transaction is good for nothing,
/// unless a savepoint ([`Connection::begin`](sqlx::Connection::begin)) was made before: a projection that goes on
/// has its page fail at the commit, again and again.
///
/// # Row-level security
///
/// With [`PostgresOptions::with_row_level_security`](crate::PostgresOptions::with_row_level_security) the setting
/// `orchestrix.tenants` names the tenant of the event while that is written, so policies on the projection's tables can
/// compare it with a column: `tenant = current_setting('orchestrix.tenants', true)`. While tables are made or emptied
/// it is U+001F, `chr(31)`, which stands for all tenants in the policies of this crate. Without that option it is not set.
pub struct PostgresTransaction {
    lease: Lease,
    store: PostgresStore,
    subscription: String,
    /// The server's process.
    process: i32,
}

impl PostgresTransaction {
    pub(crate) async fn begin(
        store: &PostgresStore,
        begin: BeginTransaction,
    ) -> Result<Self, ReadModelError> {
        let BeginTransaction {
            subscription,
            place,
            limit,
            ..
        } = begin;
        let database = store.database();
        // The transaction is made by hand.
        let leased = database.lease(Purpose::Subscription).await;
        let mut lease = leased.map_err(unavailable(&subscription))?;
        let idle = limit.as_millis().clamp(1_000, LONGEST_IDLE);
        let opening = AssertSqlSafe(format!(
            "begin isolation level read committed; \
             set local idle_in_transaction_session_timeout = {idle}"
        ));
        let begun = lease.say(opening).await;
        begun.map_err(failed(&subscription))?;
        let turn = store.tables().turn.query().bind(&subscription);
        let row = lease.fetch_one(turn).await.map_err(failed(&subscription))?;
        // The answer does not end the transaction: whoever drops the lease from now on closes the connection.
        lease.unlimited();
        let process = row.try_get(0).map_err(failed(&subscription))?;
        let mut tx = Self {
            lease,
            store: store.clone(),
            subscription,
            process,
        };
        tx.enter(None).await?;
        if let Some(place) = place {
            tx.check(&place).await?;
        }
        Ok(tx)
    }

    /// Whether the checkpoint is there, now that nobody else writes these tables. The lease is looked at when it moves.
    async fn check(&mut self, place: &CheckpointPlace) -> Result<(), ReadModelError> {
        let subscription = self.subscription.clone();
        let checkpoints = self.store.checkpoints();
        let found = checkpoints.place(&subscription, &mut self.lease).await;
        self.lease.unlimited();
        let (position, build) = found.map_err(failed(&subscription))?;
        if build != place.build {
            return Err(CheckpointError::Rebuilt {
                subscription,
                expected: place.build,
                actual: build,
            }
            .into());
        }
        if position != place.position {
            return Err(moved(subscription, place.position, position));
        }
        Ok(())
    }

    async fn end(&mut self, end: EndTransaction) -> Result<(), ReadModelError> {
        match end {
            // After a statement that failed, the server would make a rollback of the commit and say nothing.
            EndTransaction::Stay => {
                let said = self.lease.say("select 1").await;
                said.map_err(failed(&self.subscription))
            }
            EndTransaction::Move(moved) => self.move_checkpoint(&moved).await,
            EndTransaction::Reset => {
                let reset = self.store.tables().reset.query().bind(&self.subscription);
                let done = self.lease.fetch_all(reset).await;
                done.map_err(failed(&self.subscription)).map(drop)
            }
        }
    }

    async fn move_checkpoint(&mut self, moved: &CheckpointMove) -> Result<(), ReadModelError> {
        let store = self.store.clone();
        let checkpoints = store.checkpoints();
        let (letters, leases) = (store.dead_letters(), store.leases());
        let done = checkpoints.move_on(moved, letters, leases, &mut self.lease);
        Ok(done.await?)
    }

    /// Ends a session whose last statement does not end by itself.
    async fn end_session(&self) -> Result<(), ReadModelError> {
        let leased = self.store.database().lease(Purpose::Subscription).await;
        let mut lease = leased.map_err(unavailable(&self.subscription))?;
        let query = self.store.tables().end_session.query().bind(self.process);
        let ended = lease.fetch_all(query).await;
        ended.map_err(failed(&self.subscription)).map(drop)
    }
}

impl StoreTransaction for PostgresTransaction {
    async fn enter(&mut self, tenant: Option<&TenantId>) -> Result<(), ReadModelError> {
        if !self.store.database().row_level_security() {
            return Ok(());
        }
        let scope = match tenant {
            Some(tenant) => Scope::of(tenant),
            None => Scope::Everything,
        };
        let Some(setting) = scope.setting() else {
            return Ok(());
        };
        let said = self.lease.say(AssertSqlSafe(setting)).await;
        said.map_err(failed(&self.subscription))
    }

    /// A connection that broke, a server that ends, and what others at work bring about: deadlocks, locks that are not
    /// had in time. A statement that was cancelled is not: it may be the event that takes too long.
    fn is_transient(error: &(dyn Error + 'static)) -> bool {
        let Some(error) = error.downcast_ref::<sqlx::Error>() else {
            return false;
        };
        match error {
            sqlx::Error::Database(said) => match said.code().as_deref() {
                // unique_violation, query_canceled: about what was written, or for how long.
                Some("23505" | "57014") => false,
                _ => Fault::of(error).is_transient(),
            },
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
            _ => false,
        }
    }

    async fn commit(mut self, end: EndTransaction) -> Result<(), ReadModelError> {
        // Dead letters are of all tenants.
        self.enter(None).await?;
        let ended = self.end(end).await;
        self.lease.unlimited();
        if let Err(refused) = ended {
            // That it was refused is what matters; a connection that cannot say `rollback` is closed.
            let _ = self.roll_back().await;
            return Err(refused);
        }
        let committed = self.lease.commit().await;
        committed.map_err(failed(&self.subscription))
    }

    async fn roll_back(mut self) -> Result<(), ReadModelError> {
        let said = sqlx::raw_sql("rollback").execute(self.lease.unlimited());
        match within(ROLLBACK_LIMIT, said).await {
            Ok(_) => {
                self.lease.answered();
                Ok(())
            }
            Err(sqlx::Error::Io(error)) if error.kind() == std::io::ErrorKind::TimedOut => {
                self.end_session().await
            }
            Err(error) => Err(failed(&self.subscription)(error)),
        }
    }
}

impl Deref for PostgresTransaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.lease.connection()
    }
}

impl DerefMut for PostgresTransaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.lease.unlimited()
    }
}

impl fmt::Debug for PostgresTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresTransaction")
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}

fn moved(subscription: String, expected: GlobalPosition, actual: GlobalPosition) -> ReadModelError {
    CheckpointError::Moved {
        subscription,
        expected,
        actual,
    }
    .into()
}
