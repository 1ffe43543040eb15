//! Documents of read models.

use orchestrix::store::{
    Document, DocumentWrite, Payload, ProgressMove, ReadModelCommit, ReadModelError, Rebuild,
    StreamId,
};
use rusqlite::{Connection, OptionalExtension};

use crate::checkpoint::MoveCheckpoint;
use crate::failure::Failure;
use crate::job::Work;
use crate::payload::PayloadValue;
use crate::transaction::all_or_nothing;
use crate::{inline, rebuild};

const GET: &str = include_str!("sql/get_document.sql");
const GET_EXACTLY: &str =
    "SELECT body FROM documents WHERE collection = ?1 AND tenant = ?2 AND key = ?3";
const SCAN: &str = include_str!("sql/scan_documents.sql");
const PUT: &str = include_str!("sql/put_document.sql");
const CHANGE: &str =
    "UPDATE documents SET body = ?4 WHERE collection = ?1 AND tenant = ?2 AND key = ?3";
const DELETE: &str = "DELETE FROM documents WHERE collection = ?1 AND tenant = ?2 AND key = ?3";
const PLACES: &str =
    "SELECT name FROM document_indexes WHERE collection = ?1 AND tenant = ?2 AND key = ?3";
const IS_UNINDEXED: &str = include_str!("sql/is_unindexed.sql");
const PUT_PLACE: &str = include_str!("sql/put_document_index.sql");
const LEAVE: &str =
    "DELETE FROM document_indexes WHERE collection = ?1 AND tenant = ?2 AND key = ?3 AND name = ?4";

/// The documents with these keys, all of one moment.
pub(crate) fn documents(
    connection: &Connection,
    collection: &str,
    tenant: &str,
    keys: &[String],
) -> Result<Vec<Document>, Failure> {
    // Never nested: a connection is used by one read at a time. Dropping it ends the snapshot.
    let snapshot = connection.unchecked_transaction()?;
    let mut get = snapshot.prepare_cached(GET)?;
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let body = get
            .query_row((collection, tenant, key), |row| row.get(0))
            .optional()?;
        if let Some(body) = body {
            found.push(Document {
                key: key.clone(),
                body: Payload::from_stored_text(body),
            });
        }
    }
    Ok(found)
}

/// The body of the document that a stream feeds, in the collection of this very name.
pub(crate) fn body(
    connection: &Connection,
    collection: &str,
    stream: &StreamId,
) -> rusqlite::Result<Option<String>> {
    let mut get = connection.prepare_cached(GET_EXACTLY)?;
    let of_stream = (collection, stream.tenant().as_str(), stream.key());
    get.query_row(of_stream, |row| row.get(0)).optional()
}

/// The documents behind a key, by the bytes of their keys.
pub(crate) fn scan(
    connection: &Connection,
    collection: &str,
    tenant: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Document>, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut scan = connection.prepare_cached(SCAN)?;
    let from = after.unwrap_or_default();
    let rows = scan.query_map((collection, tenant, from, after, limit), |row| {
        Ok(Document {
            key: row.get(0)?,
            body: Payload::from_stored_text(row.get(1)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The indexes in which a document has no place, all of one moment.
pub(crate) fn unindexed(
    connection: &Connection,
    collection: &str,
    indexes: &[String],
) -> Result<Vec<String>, Failure> {
    // Never nested: a connection is used by one read at a time. Dropping it ends the snapshot.
    let snapshot = connection.unchecked_transaction()?;
    let build = rebuild::build(&snapshot, collection)?;
    let collection = Rebuild::collection(collection, build);
    let mut is_unindexed = snapshot.prepare_cached(IS_UNINDEXED)?;
    let mut unindexed = Vec::new();
    for index in indexes {
        if is_unindexed.exists((&collection, index))? {
            unindexed.push(index.clone());
        }
    }
    Ok(unindexed)
}

/// The effect of one page of events.
#[derive(Debug)]
pub(crate) struct CommitReadModel {
    collection: String,
    indexes: Vec<String>,
    checkpoint: MoveCheckpoint,
    writes: Vec<DocumentWrite>,
    progress: Vec<ProgressMove>,
}

impl CommitReadModel {
    /// # Errors
    /// When a document is binary, or does not fit the indexes.
    pub(crate) fn new(commit: ReadModelCommit) -> Result<Self, ReadModelError> {
        commit.check_indexes()?;
        let binary = commit
            .writes
            .iter()
            .find(|write| write.body.as_ref().is_some_and(Payload::is_binary));
        if let Some(write) = binary {
            let failure = Failure::binary_document(write.key.clone());
            return Err(failure.into_read_model(commit.collection));
        }
        Ok(Self {
            collection: commit.collection,
            indexes: commit.indexes,
            checkpoint: MoveCheckpoint(commit.checkpoint),
            writes: commit.writes,
            progress: commit.progress,
        })
    }

    fn apply(&self, connection: &Connection) -> rusqlite::Result<Result<(), ReadModelError>> {
        // First, so that a refusal has nothing to undo.
        if let Some((read_model, build)) = Rebuild::of_collection(&self.checkpoint.0.subscription)
            && !rebuild::is_under_way(connection, read_model, build)?
        {
            return Ok(Err(ReadModelError::NotBuilding {
                read_model: read_model.to_owned(),
                build,
            }));
        }
        if let Err(refused) = self.checkpoint.apply(connection)? {
            return Ok(Err(refused.into()));
        }
        let build = rebuild::build(connection, &self.collection)?;
        let collection = Rebuild::collection(&self.collection, build);
        if let Err(moved) = inline::move_all(connection, &collection, &self.progress)? {
            return Ok(Err(ReadModelError::ProgressMoved {
                collection: self.collection.clone(),
                stream: moved.stream.clone(),
            }));
        }
        write(connection, &collection, &self.indexes, &self.writes)?;
        Ok(Ok(()))
    }
}

/// Writes documents with their places in the indexes.
pub(crate) fn write(
    connection: &Connection,
    collection: &str,
    indexes: &[String],
    writes: &[DocumentWrite],
) -> rusqlite::Result<()> {
    for of_tenant in writes.chunk_by(|one, next| one.tenant == next.tenant) {
        put(collection, of_tenant, connection)?;
    }
    // Without indexes, those of others are not even looked at.
    if !indexes.is_empty() {
        for write in writes {
            index(collection, indexes, write, connection)?;
        }
    }
    Ok(())
}

/// Puts a document at its places in the indexes, and out of all others.
fn index(
    collection: &str,
    indexes: &[String],
    write: &DocumentWrite,
    connection: &Connection,
) -> rusqlite::Result<()> {
    let (tenant, key) = (write.tenant.as_str(), &write.key);
    let mut places = connection.prepare_cached(PLACES)?;
    let names = places.query_map((collection, tenant, key), |row| row.get(0))?;
    let names: Vec<String> = names.collect::<rusqlite::Result<_>>()?;
    for name in names {
        if write.body.is_none() || !indexes.contains(&name) {
            connection
                .prepare_cached(LEAVE)?
                .execute((collection, tenant, key, name))?;
        }
    }
    let mut put = connection.prepare_cached(PUT_PLACE)?;
    for (name, value) in indexes.iter().zip(&write.index_values) {
        put.execute((collection, tenant, key, name, value))?;
    }
    Ok(())
}

/// Writes documents of one tenant.
fn put(
    collection: &str,
    writes: &[DocumentWrite],
    connection: &Connection,
) -> rusqlite::Result<()> {
    let Some(tenant) = writes.first().map(|write| write.tenant.as_str()) else {
        return Ok(());
    };
    // Most documents are there already. What all of them have in common is bound once.
    let mut change = connection.prepare_cached(CHANGE)?;
    change.raw_bind_parameter(1, collection)?;
    change.raw_bind_parameter(2, tenant)?;
    for write in writes {
        let Some(body) = &write.body else {
            let mut delete = connection.prepare_cached(DELETE)?;
            delete.execute((collection, tenant, &write.key))?;
            continue;
        };
        change.raw_bind_parameter(3, &write.key)?;
        change.raw_bind_parameter(4, PayloadValue(body))?;
        if change.raw_execute()? == 0 {
            let mut put = connection.prepare_cached(PUT)?;
            put.execute((collection, tenant, &write.key, PayloadValue(body)))?;
        }
    }
    Ok(())
}

impl Work for CommitReadModel {
    type Outcome = Result<(), ReadModelError>;

    fn weight(&self) -> usize {
        self.writes.len() * (1 + self.indexes.len())
            + self.progress.len()
            + self.checkpoint.weight()
    }

    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome> {
        Ok(
            match all_or_nothing(connection, || self.apply(connection))? {
                Ok(outcome) => outcome,
                Err(error) => Err(Failure::from(error).into_read_model(self.collection.clone())),
            },
        )
    }
}
