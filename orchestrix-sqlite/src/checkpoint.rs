//! The checkpoints of subscriptions: of handlers and of read models alike.

use orchestrix::store::{CheckpointError, CheckpointMove, GlobalPosition};
use rusqlite::{Connection, OptionalExtension};

use crate::dead_letter;
use crate::failure::Failure;
use crate::job::Work;
use crate::lease;
use crate::rebuild;
use crate::transaction::{all_or_nothing, one_statement};

const LOAD: &str = "SELECT position FROM checkpoints WHERE subscription = ?1";
const LANES: &str = include_str!("sql/lane_checkpoints.sql");
const ALL: &str =
    "SELECT subscription, position FROM checkpoints WHERE position > 0 ORDER BY subscription";
const FORGET_LANES: &str = include_str!("sql/forget_lanes.sql");
const FORGET_LETTERS: &str = "DELETE FROM dead_letters WHERE subscription = ?1";
const PUT: &str = include_str!("sql/put_build.sql");
const SAVE: &str = include_str!("sql/save_checkpoint.sql");

/// Where the checkpoint of this name is.
pub(crate) fn load(connection: &Connection, checkpoint: &str) -> rusqlite::Result<GlobalPosition> {
    let saved: Option<i64> = connection
        .prepare_cached(LOAD)?
        .query_row([checkpoint], |row| row.get(0))
        .optional()?;
    position(saved.unwrap_or(0))
}

/// The checkpoints of a subscription's lanes.
pub(crate) fn lanes(
    connection: &Connection,
    subscription: &str,
) -> Result<Vec<(String, GlobalPosition)>, Failure> {
    let mut lanes = connection.prepare_cached(LANES)?;
    let rows = lanes.query_map([subscription], |row| {
        Ok((row.get(0)?, position(row.get(1)?)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// All checkpoints.
pub(crate) fn all(connection: &Connection) -> Result<Vec<(String, GlobalPosition)>, Failure> {
    let mut all = connection.prepare_cached(ALL)?;
    let rows = all.query_map([], |row| Ok((row.get(0)?, position(row.get(1)?)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn position(stored: i64) -> rusqlite::Result<GlobalPosition> {
    let number = u64::try_from(stored)
        .map_err(|_negative| rusqlite::Error::IntegralValueOutOfRange(0, stored))?;
    Ok(GlobalPosition::new(number))
}

/// A checkpoint that moves.
#[derive(Debug)]
pub(crate) struct MoveCheckpoint(pub(crate) CheckpointMove);

impl MoveCheckpoint {
    /// Moves it, or tells where it is instead. With dead letters it writes with several statements.
    pub(crate) fn apply(
        &self,
        connection: &Connection,
    ) -> rusqlite::Result<Result<(), CheckpointError>> {
        let moved = &self.0;
        if let Some(fence) = &moved.fence
            && !lease::holds(connection, fence)?
        {
            return Ok(Err(CheckpointError::Fenced {
                subscription: moved.subscription.clone(),
                lease: fence.lease.to_string(),
            }));
        }
        let build = rebuild::build(connection, &moved.subscription)?;
        if build != moved.build {
            return Ok(Err(CheckpointError::Rebuilt {
                subscription: moved.subscription.clone(),
                expected: moved.build,
                actual: build,
            }));
        }
        let checkpoint = moved.checkpoint();
        let actual = load(connection, &checkpoint)?;
        if actual != moved.expected {
            return Ok(Err(CheckpointError::Moved {
                subscription: moved.subscription.clone(),
                expected: moved.expected,
                actual,
            }));
        }
        let position = i64::try_from(moved.position.get())
            .map_err(|beyond| rusqlite::Error::ToSqlConversionFailure(beyond.into()))?;
        connection
            .prepare_cached(SAVE)?
            .execute((&checkpoint, position))?;
        if self.is_alone() {
            return Ok(Ok(()));
        }
        dead_letter::replace(
            connection,
            &moved.subscription,
            &moved.parked,
            &moved.settled,
        )
    }

    /// Without dead letters.
    fn is_alone(&self) -> bool {
        self.0.parked.is_empty() && self.0.settled.is_empty()
    }

    /// About how many rows it writes.
    pub(crate) fn weight(&self) -> usize {
        1 + self.0.parked.len() + self.0.settled.len()
    }
}

impl Work for MoveCheckpoint {
    type Outcome = Result<(), CheckpointError>;

    fn weight(&self) -> usize {
        self.weight()
    }

    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome> {
        let outcome = match self.is_alone() {
            true => one_statement(connection, || self.apply(connection))?,
            false => all_or_nothing(connection, || self.apply(connection))?,
        };
        Ok(outcome.unwrap_or_else(|error| {
            Err(Failure::from(error).into_checkpoint(self.0.subscription.clone()))
        }))
    }
}

/// A subscription that is set back, or on, to a position. How often it was reset is where read models have their builds.
#[derive(Debug)]
pub(crate) struct ResetCheckpoints {
    pub(crate) subscription: String,
    pub(crate) position: GlobalPosition,
}

impl ResetCheckpoints {
    fn apply(&self, connection: &Connection) -> rusqlite::Result<u64> {
        let name = &self.subscription;
        let known = rebuild::build(connection, name)?;
        let lanes = connection.prepare_cached(FORGET_LANES)?.execute([name])?;
        let letters = connection.prepare_cached(FORGET_LETTERS)?.execute([name])?;
        let is_absent = lanes + letters == 0 && !connection.prepare_cached(LOAD)?.exists([name])?;
        if is_absent && self.position == GlobalPosition::START {
            return Ok(known);
        }
        let signed = |number: u64| {
            i64::try_from(number)
                .map_err(|beyond| rusqlite::Error::ToSqlConversionFailure(beyond.into()))
        };
        let resets = known + 1;
        connection.prepare_cached(PUT)?.execute((
            name,
            signed(self.position.get())?,
            signed(resets)?,
        ))?;
        Ok(resets)
    }
}

impl Work for ResetCheckpoints {
    type Outcome = Result<u64, CheckpointError>;

    fn weight(&self) -> usize {
        1
    }

    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome> {
        let outcome = all_or_nothing(connection, || self.apply(connection).map(Ok))?;
        Ok(outcome.unwrap_or_else(|error| {
            Err(Failure::from(error).into_checkpoint(self.subscription.clone()))
        }))
    }
}
