//! Noticing what other processes append.

use std::time::{Duration, Instant};

use orchestrix::store::ChangeSignal;
use orchestrix::telemetry;
use rusqlite::Connection;

/// How often is looked while there is a reader.
const INTERVAL: Duration = Duration::from_millis(50);

/// Asks the writer's connection whether others have committed. That number (`data_version`) does not change with commits
/// of the connection itself, for which readers are woken at once.
#[derive(Debug)]
pub(crate) struct ChangeWatch {
    signal: ChangeSignal,
    seen: Option<i64>,
    due: Instant,
}

impl ChangeWatch {
    /// Compares with how the file is now.
    pub(crate) fn new(signal: ChangeSignal, connection: &Connection) -> Self {
        Self {
            signal,
            seen: data_version(connection).ok(),
            due: Instant::now(),
        }
    }

    /// How long until the next look; nothing while nobody would be woken.
    pub(crate) fn pause(&self) -> Option<Duration> {
        (self.signal.readers() > 0).then(|| self.due.saturating_duration_since(Instant::now()))
    }

    /// Looks if it is time to.
    pub(crate) fn poll(&mut self, connection: &Connection) {
        if self.signal.readers() == 0 || Instant::now() < self.due {
            return;
        }
        self.due = Instant::now() + INTERVAL;
        match data_version(connection) {
            Ok(version) if self.seen.replace(version) != Some(version) => self.signal.wake(),
            Ok(_same) => {}
            Err(error) => {
                tracing::debug!(
                    { telemetry::ERROR } = &error as &dyn std::error::Error,
                    "cannot look for changes"
                );
            }
        }
    }
}

fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("PRAGMA data_version")?
        .query_row([], |row| row.get(0))
}
