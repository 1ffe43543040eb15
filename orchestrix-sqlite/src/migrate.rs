//! The schema: whose file it is, and bringing it up to date.

use std::path::Path;

use orchestrix::telemetry;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::SqliteError;

/// All migrations, oldest first; the n-th brings the schema from n - 1 to n. A published one never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_events_checkpoints_documents.sql"),
    include_str!("../migrations/0002_tags_keys_archive.sql"),
    include_str!("../migrations/0003_dead_letters.sql"),
    include_str!("../migrations/0004_leases.sql"),
    include_str!("../migrations/0005_builds.sql"),
    include_str!("../migrations/0006_document_indexes.sql"),
    include_str!("../migrations/0008_schedules.sql"),
    include_str!("../migrations/0009_stream_progress.sql"),
];

/// The schema this version of the crate works with.
pub(crate) const KNOWN: u32 = MIGRATIONS.len() as u32;

/// The mark of these files in their headers: `ORCX`.
pub(crate) const APPLICATION_ID: i32 = 0x4F52_4358;

/// The schema of a file: 0 when it is empty.
///
/// # Errors
/// When it is none of ours or newer than this version knows.
pub(crate) fn inspect(connection: &Connection, path: &Path) -> Result<u32, SqliteError> {
    // All of one moment: another process may be migrating the file just now.
    let snapshot = connection
        .unchecked_transaction()
        .map_err(|error| SqliteError::at(path, "read the schema of", error))?;
    inspect_in(&snapshot, path)
}

fn inspect_in(connection: &Transaction<'_>, path: &Path) -> Result<u32, SqliteError> {
    let read = || -> rusqlite::Result<(i32, u32, u64)> {
        let application_id =
            connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        // SQLite keeps a signed number here; one that was never ours cannot be known either.
        let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let version = u32::try_from(version).unwrap_or(u32::MAX);
        Ok((application_id, version, tables.unsigned_abs()))
    };
    match read().map_err(|error| SqliteError::at(path, "read the schema of", error))? {
        (0, 0, 0) => Ok(0),
        (APPLICATION_ID, found, _) if found > KNOWN => Err(SqliteError::NewerSchema {
            path: path.into(),
            found,
            known: KNOWN,
        }),
        (APPLICATION_ID, found, _) => Ok(found),
        (application_id, _, tables) => Err(SqliteError::ForeignDatabase {
            path: path.into(),
            application_id,
            tables,
        }),
    }
}

/// Runs the migrations that are missing, all in one transaction, and returns the schema's number.
///
/// Several processes may do this at once: the later ones wait, look again, and find nothing to do.
pub(crate) fn run(connection: &mut Connection, path: &Path) -> Result<u32, SqliteError> {
    if inspect(connection, path)? == KNOWN {
        return Ok(KNOWN);
    }
    let failed = |error| SqliteError::at(path, "migrate", error);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let found = inspect_in(&transaction, path)?;
    for (number, sql) in (1..).zip(MIGRATIONS).skip(found as usize) {
        apply(&transaction, number, sql).map_err(|error| SqliteError::Migration {
            path: path.into(),
            number,
            source: error.into(),
        })?;
        tracing::info!(
            { telemetry::DATABASE } = %path.display(),
            { telemetry::SCHEMA } = number,
            "migrated the schema"
        );
    }
    transaction.commit().map_err(failed)?;
    Ok(KNOWN)
}

fn apply(transaction: &Transaction<'_>, number: u32, sql: &str) -> rusqlite::Result<()> {
    transaction.execute_batch(sql)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", number)
}
