//! Read models: documents by collection, tenant and key.

mod indexes;

use std::sync::Arc;

use orchestrix::store::{
    CheckpointMove, Document, DocumentQuery, DocumentWrite, FoundDocument, IndexCondition, Payload,
    ReadModelCommit, ReadModelError, Rebuild, TenantId,
};
use sqlx::Row;
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;

use crate::PostgresError;
use crate::checkpoint::{Checkpoints, is_alone};
use crate::database::{Database, Lease, Purpose, Scope};
use crate::dead_letter::{DeadLetters, Writes};
use crate::document_query::{Parameter, QueryText};
use crate::error::Fault;
use crate::lease::{Leases, fence};
use crate::progress::{Page, Progress};
use crate::row::{signed, unsigned};
use crate::schema::{Schema, Statement};
pub(crate) use indexes::{Places, Writing};

/// Reads and writes documents.
#[derive(Debug)]
pub(crate) struct ReadModels {
    database: Arc<Database>,
    schema: Schema,
    documents: Statement,
    scan_from_start: Statement,
    scan_after: Statement,
    unindexed: Statement,
    commit: Writing,
    under_way: Statement,
    progress: Arc<Progress>,
}

impl ReadModels {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema, progress: Arc<Progress>) -> Self {
        Self {
            database,
            progress,
            schema: schema.clone(),
            documents: schema.statement(include_str!("read_model/documents.sql")),
            scan_from_start: schema.statement(include_str!("read_model/scan_from_start.sql")),
            scan_after: schema.statement(include_str!("read_model/scan_after.sql")),
            unindexed: schema.statement(include_str!("read_model/unindexed.sql")),
            commit: Writing::new(schema, include_str!("read_model/commit.sql")),
            under_way: schema
                .statement("select 1 from {schema}.rebuilds where read_model = $1 and build = $2"),
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
        self.read(collection, tenant, query).await
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
        self.read(collection, tenant, query).await
    }

    async fn read(
        &self,
        collection: &str,
        tenant: &TenantId,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<Document>, ReadModelError> {
        let rows = self.rows(collection, tenant, query).await?;
        let documents: Result<Vec<_>, _> = rows.iter().map(document).collect();
        documents.map_err(failed(collection))
    }

    async fn rows(
        &self,
        collection: &str,
        tenant: &TenantId,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, ReadModelError> {
        let scope = Scope::of(tenant);
        let leased = self.database.lease_for(Purpose::Command, scope).await;
        let mut connection = leased.map_err(unavailable(collection))?;
        let rows = connection.fetch_all(query).await;
        rows.map_err(failed(collection))
    }

    pub(crate) async fn query(
        &self,
        query: &DocumentQuery,
    ) -> Result<Vec<FoundDocument>, ReadModelError> {
        let text = QueryText::find(query);
        let statement = self.schema.statement(&text.sql);
        let bound = bound(&statement, text.parameters);
        let rows = self.rows(&query.collection, &query.tenant, bound).await?;
        let found = |row| {
            Ok(FoundDocument {
                document: document(row)?,
                value: row.try_get(2)?,
            })
        };
        let found: Result<Vec<_>, _> = rows.iter().map(found).collect();
        found.map_err(failed(&query.collection))
    }

    /// Of all tenants: with row-level security, for everything.
    pub(crate) async fn unindexed(
        &self,
        collection: &str,
        indexes: &[String],
    ) -> Result<Vec<String>, ReadModelError> {
        let leased = self
            .database
            .lease_for(Purpose::Subscription, Scope::Everything);
        let mut connection = leased.await.map_err(unavailable(collection))?;
        let query = self.unindexed.query().bind(collection).bind(indexes);
        let rows = connection.fetch_all(query).await;
        let rows = rows.map_err(failed(collection))?;
        let names: Result<Vec<_>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        names.map_err(failed(collection))
    }

    pub(crate) async fn count(
        &self,
        collection: &str,
        tenant: &TenantId,
        conditions: &[IndexCondition],
    ) -> Result<u64, ReadModelError> {
        let text = QueryText::count(collection, tenant.as_str(), conditions);
        let statement = self.schema.statement(&text.sql);
        let bound = bound(&statement, text.parameters);
        let rows = self.rows(collection, tenant, bound).await?;
        let count = rows.first().map_or(Ok(0), |row| row.try_get(0));
        Ok(unsigned(count.map_err(failed(collection))?))
    }

    /// One statement, so one transaction and one round trip.
    pub(crate) async fn commit(
        &self,
        commit: ReadModelCommit,
        checkpoints: &Checkpoints,
        dead_letters: &DeadLetters,
        leases: &Leases,
    ) -> Result<(), ReadModelError> {
        commit.check_indexes()?;
        let writes = &commit.writes;
        let places = Places::of(&commit.indexes, writes);
        let tenants: Vec<&str> = writes.iter().map(|write| write.tenant.as_str()).collect();
        let keys: Vec<&str> = writes.iter().map(|write| write.key.as_str()).collect();
        let bodies: Result<Vec<_>, _> = writes.iter().map(json_body).collect();
        let bodies = bodies.map_err(|source| ReadModelError::Failed {
            collection: commit.collection.clone(),
            source: source.into(),
        })?;
        let moved = &commit.checkpoint;
        if !commit.progress.is_empty() {
            let page = Page {
                collection: &commit.collection,
                checkpoint: &moved.subscription,
                build: moved.build,
                moves: &commit.progress,
                tenants,
                keys,
                bodies,
                places,
            };
            return self
                .commit_progressed(moved, page, checkpoints, dead_letters, leases)
                .await;
        }
        let building = Rebuild::of_collection(&moved.subscription);
        if !is_alone(moved) {
            let mut connection = dead_letters.connection(&moved.subscription).await?;
            let writes = Writes {
                collection: &commit.collection,
                tenants,
                keys,
                bodies,
                places,
                building,
            };
            let done = dead_letters.move_with(&mut connection, moved, writes);
            return match done.await.map_err(failed(&commit.collection))? {
                true => Ok(()),
                false => Err(self
                    .refused(moved, checkpoints, dead_letters, leases, &mut connection)
                    .await),
            };
        }
        let (lease, token) = fence(moved.fence.as_ref());
        let query = self
            .commit
            .statement(&places)
            .query()
            .bind(moved.checkpoint())
            .bind(signed(moved.expected.get()))
            .bind(signed(moved.position.get()))
            .bind(&commit.collection)
            .bind(tenants)
            .bind(keys)
            .bind(bodies)
            .bind(lease)
            .bind(token)
            .bind(signed(moved.build))
            .bind(building.map(|(read_model, _)| read_model))
            .bind(building.map(|(_, build)| signed(build)));
        let query = places.bind(query);
        let scope = Scope::of_all(writes.iter().map(|write| &write.tenant));
        let leased = self.database.lease_for(Purpose::Subscription, scope).await;
        let mut connection = leased.map_err(unavailable(&commit.collection))?;
        let done = connection.fetch_optional(query).await;
        match done.map_err(failed(&commit.collection))? {
            Some(_) => Ok(()),
            None => Err(self
                .refused(moved, checkpoints, dead_letters, leases, &mut connection)
                .await),
        }
    }

    /// With the progress of streams: the checkpoint moves, then progress and documents are written, in one transaction.
    async fn commit_progressed(
        &self,
        moved: &CheckpointMove,
        page: Page<'_>,
        checkpoints: &Checkpoints,
        dead_letters: &DeadLetters,
        leases: &Leases,
    ) -> Result<(), ReadModelError> {
        let collection = page.collection;
        // Dead letters are of all tenants.
        let scope = match is_alone(moved) {
            true => Scope::of_all(page.moves.iter().map(|moved| moved.stream.tenant())),
            false => Scope::Everything,
        };
        let begun = self.database.begin(Purpose::Subscription, &scope).await;
        let begun = begun.map_err(unavailable(collection))?;
        let mut transaction = begun.map_err(failed(collection))?;
        let writes = Writes {
            building: Rebuild::of_collection(&moved.subscription),
            ..Writes::default()
        };
        let mut connection = transaction.connection();
        let done = dead_letters.move_with(&mut connection, moved, writes).await;
        if !done.map_err(failed(collection))? {
            let refused = self
                .refused(moved, checkpoints, dead_letters, leases, &mut connection)
                .await;
            drop(connection);
            transaction.roll_back().await;
            return Err(refused);
        }
        drop(connection);
        let written = self
            .progress
            .write(&mut transaction.connection(), page)
            .await;
        match written.map_err(failed(collection))? {
            None => transaction.commit().await.map_err(failed(collection)),
            Some(stream) => {
                transaction.roll_back().await;
                Err(ReadModelError::ProgressMoved {
                    collection: collection.to_owned(),
                    stream,
                })
            }
        }
    }

    /// The error for what was refused: a build that is not under way, else what is wrong with the checkpoint.
    async fn refused(
        &self,
        moved: &CheckpointMove,
        checkpoints: &Checkpoints,
        dead_letters: &DeadLetters,
        leases: &Leases,
        connection: &mut Lease,
    ) -> ReadModelError {
        if let Some((read_model, build)) = Rebuild::of_collection(&moved.subscription) {
            let query = self.under_way.query().bind(read_model).bind(signed(build));
            match connection.fetch_optional(query).await {
                Ok(Some(_)) => {}
                Ok(None) => {
                    return ReadModelError::NotBuilding {
                        read_model: read_model.to_owned(),
                        build,
                    };
                }
                Err(error) => return failed(read_model)(error),
            }
        }
        let refused = checkpoints.refused(moved, dead_letters, leases, connection);
        refused.await.into()
    }
}

/// The body of a document cannot be stored.
#[derive(Debug, thiserror::Error)]
#[error("the body of the document `{key}` is binary; documents are JSON")]
struct BinaryBody {
    key: String,
}

/// The JSON to be written; none where the document is deleted.
fn json_body(write: &DocumentWrite) -> Result<Option<&str>, BinaryBody> {
    let Some(body) = &write.body else {
        return Ok(None);
    };
    let json = body.as_json().ok_or_else(|| BinaryBody {
        key: write.key.clone(),
    })?;
    Ok(Some(json))
}

/// The query with its parameters.
fn bound<'q>(
    statement: &Statement,
    parameters: Vec<Parameter<'q>>,
) -> Query<'q, Postgres, PgArguments> {
    let query: Query<'q, Postgres, PgArguments> = statement.query();
    let bind = |query: Query<'q, Postgres, PgArguments>, parameter| match parameter {
        Parameter::Text(text) => query.bind(text),
        Parameter::Bytes(bytes) => query.bind(bytes),
        Parameter::List(list) => query.bind(list),
        Parameter::Number(number) => query.bind(signed(number)),
    };
    parameters.into_iter().fold(query, bind)
}

fn document(row: &PgRow) -> Result<Document, sqlx::Error> {
    Ok(Document {
        key: row.try_get(0)?,
        body: Payload::from_stored_text(row.try_get(1)?),
    })
}

/// No connection.
pub(crate) fn unavailable(collection: &str) -> impl Fn(PostgresError) -> ReadModelError {
    move |error| ReadModelError::Unavailable {
        collection: collection.to_owned(),
        source: error.into(),
    }
}

/// The driver failed.
pub(crate) fn failed(collection: &str) -> impl Fn(sqlx::Error) -> ReadModelError {
    move |error| {
        let collection = collection.to_owned();
        let is_transient = Fault::of(&error).is_transient();
        let source = error.into();
        if is_transient {
            ReadModelError::Unavailable { collection, source }
        } else {
            ReadModelError::Failed { collection, source }
        }
    }
}
