//! The checkpoints of subscriptions: of handlers and of read models alike.

use orchestrix::store::{CheckpointError, CheckpointMove, GlobalPosition};
use rusqlite::{Connection, OptionalExtension};

use crate::dead_letter;
use crate::failure::Failure;
use crate::job::Work;
use crate::transaction::{all_or_nothing, one_statement};

const LOAD: &str = "SELECT position FROM checkpoints WHERE subscription = ?1";
const SAVE: &str = include_str!("sql/save_checkpoint.sql");

/// How far a subscription got.
pub(crate) fn load(
    connection: &Connection,
    subscription: &str,
) -> rusqlite::Result<GlobalPosition> {
    let saved: Option<i64> = connection
        .prepare_cached(LOAD)?
        .query_row([subscription], |row| row.get(0))
        .optional()?;
    let position = saved.unwrap_or(0);
    let number = u64::try_from(position)
        .map_err(|_negative| rusqlite::Error::IntegralValueOutOfRange(0, position))?;
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
        let actual = load(connection, &moved.subscription)?;
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
            .execute((&moved.subscription, position))?;
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
