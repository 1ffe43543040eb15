//! Appends in transactions that stay open.

use orchestrix::error::BoxError;
use orchestrix::store::{Append, AppendError, Appended, Backend, EventStore};
use orchestrix_postgres::{DEFAULT_SCHEMA, PostgresStore};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgPool, PgPoolOptions};

use super::work::PATIENCE;

/// The store on a pool of one connection, so that what it appends is part of the transaction that is open there: the
/// store itself has none open between two calls.
#[derive(Debug)]
pub(super) struct InTransaction {
    pool: PgPool,
    store: PostgresStore,
}

impl InTransaction {
    pub(super) async fn connect(url: &str) -> Result<Self, BoxError> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect(url)
            .await?;
        let store = PostgresStore::with_pool(pool.clone(), DEFAULT_SCHEMA).await?;
        Ok(Self { pool, store })
    }

    pub(super) async fn begin(&self) -> Result<(), BoxError> {
        self.execute("begin").await
    }

    pub(super) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.store.append(vec![append]).await.remove(0)
    }

    pub(super) async fn commit(&self) -> Result<(), BoxError> {
        self.execute("commit").await
    }

    pub(super) async fn rollback(&self) -> Result<(), BoxError> {
        self.execute("rollback").await
    }

    /// Runs a statement of the test's own in the transaction.
    pub(super) async fn execute(&self, sql: &str) -> Result<(), BoxError> {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The one value that a statement gives, in the transaction.
    pub(super) async fn text(&self, sql: &str) -> Result<Option<String>, BoxError> {
        let value = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.pool);
        Ok(value.await?)
    }

    pub(super) async fn close(self) -> Result<(), BoxError> {
        self.store.close().await?;
        self.pool.close().await;
        Ok(())
    }
}
