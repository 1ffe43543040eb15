//! On SQLite: one connection, WAL, every commit synced; the events of the stream are selected and folded, and the new
//! one is inserted, in one transaction.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use orchestrix::error::BoxError;
use rusqlite::Connection;

use super::{BankEvent, State, opened, stream};
use crate::workload::Bank;

const TABLE: &str = "
create table events (
    position integer primary key, stream text not null, version integer not null, event_type text not null,
    occurred_at integer not null, payload text not null, unique (stream, version)) strict";
const SELECT: &str = "select event_type, payload from events where stream = ?1 order by version";
const INSERT: &str = "insert into events (stream, version, event_type, occurred_at, payload) values (?1, ?2, ?3, ?4, ?5)";

/// How many commands share a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transactions {
    OneForEach,
    /// As many as are in flight: one sync for all of them.
    OneForAllInFlight,
}

/// The bank in a SQLite file.
#[derive(Clone)]
pub(crate) struct InSqlite {
    transactions: Transactions,
    connection: Arc<Mutex<Connection>>,
}

impl InSqlite {
    pub(crate) fn open_file(path: &Path, transactions: Transactions) -> Result<Self, BoxError> {
        let connection = Connection::open(path)?;
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.execute_batch(TABLE)?;
        Ok(Self {
            transactions,
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    fn transaction(
        &self,
        commands: impl FnOnce(&Connection) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connection.prepare_cached("begin immediate")?.execute([])?;
        commands(&connection)?;
        connection.prepare_cached("commit")?.execute([])?;
        Ok(())
    }
}

fn load(connection: &Connection, stream: &str) -> Result<State, BoxError> {
    let mut state = State::default();
    let mut statement = connection.prepare_cached(SELECT)?;
    let mut rows = statement.query([stream])?;
    while let Some(row) = rows.next()? {
        let (event_type, payload) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        state.apply(&BankEvent::decode(event_type, payload)?);
    }
    Ok(state)
}

fn append(
    connection: &Connection,
    stream: &str,
    version: i64,
    event: &BankEvent,
) -> Result<(), BoxError> {
    let (event_type, payload) = event.encode()?;
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)?
        .as_micros() as i64;
    connection
        .prepare_cached(INSERT)?
        .execute((stream, version, event_type, now, payload))?;
    Ok(())
}

fn deposit(connection: &Connection, account: u64) -> Result<(), BoxError> {
    let stream = stream(account);
    let state = load(connection, &stream)?;
    append(
        connection,
        &stream,
        state.version + 1,
        &state.deposit(account)?,
    )
}

impl Bank for InSqlite {
    async fn open(&self, account: u64) -> Result<(), BoxError> {
        let stream = stream(account);
        self.transaction(|connection| append(connection, &stream, 1, &opened(account)))
    }

    async fn deposit(&self, account: u64) -> Result<(), BoxError> {
        self.transaction(|connection| deposit(connection, account))
    }

    /// One connection does one thing at a time, so there are no tasks here that would wait for it.
    async fn deposit_on_each(
        &self,
        accounts: Range<u64>,
        in_flight: u64,
    ) -> Result<Duration, BoxError> {
        let accounts: Vec<_> = accounts.collect();
        let size = match self.transactions {
            Transactions::OneForEach => 1,
            Transactions::OneForAllInFlight => in_flight as usize,
        };
        let start = Instant::now();
        for together in accounts.chunks(size) {
            self.transaction(|connection| {
                together
                    .iter()
                    .try_for_each(|account| deposit(connection, *account))
            })?;
        }
        Ok(start.elapsed())
    }
}
