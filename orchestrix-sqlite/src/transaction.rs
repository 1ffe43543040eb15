//! Transactions and savepoints of the writer.
//!
//! Errors come in two strengths. After most, SQLite undoes the one statement and the transaction goes on. After some (no
//! space, no memory, I/O) it rolls the whole transaction back by itself. Which it was, `is_autocommit` tells.

use std::convert::Infallible;

use orchestrix::telemetry;
use rusqlite::Connection;

/// The outcome of a part of a transaction: `Err` when all of the transaction is lost, `Ok(Err)` when only this part is
/// undone and the transaction can go on.
pub(crate) type PartOutcome<T> = rusqlite::Result<rusqlite::Result<T>>;

/// Runs a part that writes with at most one statement, which SQLite undoes by itself when it fails.
pub(crate) fn one_statement<T>(
    connection: &Connection,
    part: impl FnOnce() -> rusqlite::Result<T>,
) -> PartOutcome<T> {
    match part() {
        Err(error) if connection.is_autocommit() => Err(error),
        outcome => Ok(outcome),
    }
}

/// Runs a part that writes with several statements: what they did before one fails is undone.
pub(crate) fn savepoint<T>(
    connection: &Connection,
    part: impl FnOnce() -> rusqlite::Result<T>,
) -> PartOutcome<T> {
    let outcome = all_or_nothing(connection, || part().map(Ok::<T, Infallible>))?;
    Ok(outcome.map(|Ok(done)| done))
}

/// Runs a part that writes with several statements: what they did before one fails, or before the part is refused, is
/// undone.
pub(crate) fn all_or_nothing<T, E>(
    connection: &Connection,
    part: impl FnOnce() -> rusqlite::Result<Result<T, E>>,
) -> PartOutcome<Result<T, E>> {
    execute(connection, "SAVEPOINT part")?;
    let outcome = part();
    if outcome.is_err() && connection.is_autocommit() {
        return outcome.map(Ok);
    }
    if !matches!(outcome, Ok(Ok(_))) {
        execute(connection, "ROLLBACK TO part")?;
    }
    execute(connection, "RELEASE part")?;
    Ok(outcome)
}

/// Begins a transaction that may write; waits for writers of other processes, at most the busy time-out.
pub(crate) fn begin(connection: &Connection) -> rusqlite::Result<()> {
    execute(connection, "BEGIN IMMEDIATE")
}

pub(crate) fn commit(connection: &Connection) -> rusqlite::Result<()> {
    execute(connection, "COMMIT")
}

/// Leaves no transaction open, whatever happened.
pub(crate) fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = execute(connection, "ROLLBACK")
    {
        // The next BEGIN will say so again, to somebody who can be told.
        tracing::error!(
            { telemetry::ERROR } = &error as &dyn std::error::Error,
            "cannot roll back"
        );
    }
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}
