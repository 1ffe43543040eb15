//! Read models: documents by collection, tenant and key.

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::store::{
    CheckpointError, Document, Payload, ReadModelCommit, ReadModelError, TenantId,
};
use sqlx::Row;
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;

use crate::checkpoint::Checkpoints;
use crate::database::Database;
use crate::row::signed;
use crate::schema::{Schema, Statement};

/// Reads and writes documents.
#[derive(Debug)]
pub(crate) struct ReadModels {
    database: Arc<Database>,
    documents: Statement,
    scan_from_start: Statement,
    scan_after: Statement,
    commit: Statement,
}

impl ReadModels {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            database,
            documents: schema.statement(include_str!("read_model/documents.sql")),
            scan_from_start: schema.statement(include_str!("read_model/scan_from_start.sql")),
            scan_after: schema.statement(include_str!("read_model/scan_after.sql")),
            commit: schema.statement(include_str!("read_model/commit.sql")),
        }
    }

    pub(crate) async fn documents(
        &self,
        collection: &str,
        tenant: &TenantId,
        keys: &[String],
    ) -> Result<Vec<Document>, ReadModelError> {
        // The database knows no text with NUL, so there is no such document.
        let keys: Vec<&str> = keys
            .iter()
            .map(String::as_str)
            .filter(|key| !key.contains('\0'))
            .collect();
        let query = self
            .documents
            .query()
            .bind(collection)
            .bind(tenant.as_str())
            .bind(keys);
        self.read(collection, query).await
    }

    pub(crate) async fn scan(
        &self,
        collection: &str,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, ReadModelError> {
        let statement = match after {
            Some(_) => &self.scan_after,
            None => &self.scan_from_start,
        };
        let mut query = statement
            .query()
            .bind(collection)
            .bind(tenant.as_str())
            .bind(signed(limit as u64));
        if let Some(after) = after {
            query = query.bind(after);
        }
        self.read(collection, query).await
    }

    async fn read(
        &self,
        collection: &str,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<Document>, ReadModelError> {
        let failed = failed(collection);
        let mut connection = self
            .database
            .acquire()
            .await
            .map_err(|error| failed(error.into()))?;
        let rows = query
            .fetch_all(&mut *connection)
            .await
            .map_err(|error| failed(error.into()))?;
        let documents: Result<Vec<_>, _> = rows.iter().map(document).collect();
        documents.map_err(|error| failed(error.into()))
    }

    /// One statement, so one transaction and one round trip.
    pub(crate) async fn commit(
        &self,
        commit: ReadModelCommit,
        checkpoints: &Checkpoints,
    ) -> Result<(), ReadModelError> {
        let failed = failed(&commit.collection);
        let writes = &commit.writes;
        let tenants: Vec<&str> = writes.iter().map(|write| write.tenant.as_str()).collect();
        let keys: Vec<&str> = writes.iter().map(|write| write.key.as_str()).collect();
        let bodies: Vec<Option<&str>> = writes
            .iter()
            .map(|write| write.body.as_ref().map(Payload::as_str))
            .collect();
        let query = self
            .commit
            .query()
            .bind(&commit.subscription)
            .bind(signed(commit.expected.get()))
            .bind(signed(commit.position.get()))
            .bind(&commit.collection)
            .bind(tenants)
            .bind(keys)
            .bind(bodies);
        let mut connection = self
            .database
            .acquire()
            .await
            .map_err(|error| failed(error.into()))?;
        let moved = query.fetch_optional(&mut *connection).await;
        if moved.map_err(|error| failed(error.into()))?.is_some() {
            return Ok(());
        }
        let error: CheckpointError = checkpoints
            .moved(&commit.subscription, commit.expected, &mut connection)
            .await;
        Err(error.into())
    }
}

fn document(row: &PgRow) -> Result<Document, sqlx::Error> {
    Ok(Document {
        key: row.try_get(0)?,
        body: Payload::from_stored_text(row.try_get(1)?),
    })
}

fn failed(collection: &str) -> impl Fn(BoxError) -> ReadModelError {
    move |source| ReadModelError::Failed {
        collection: collection.to_owned(),
        source,
    }
}
