//! The checkpoints of subscriptions: of handlers and of read models alike.

use orchestrix::store::{CheckpointError, GlobalPosition};
use rusqlite::{Connection, OptionalExtension};

use crate::failure::Failure;
use crate::job::Work;
use crate::transaction::one_statement;

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
pub(crate) struct CheckpointMove {
    pub(crate) subscription: String,
    pub(crate) expected: GlobalPosition,
    pub(crate) position: GlobalPosition,
}

impl CheckpointMove {
    /// Moves it, or tells where it is instead; writes with one statement.
    pub(crate) fn apply(
        &self,
        connection: &Connection,
    ) -> rusqlite::Result<Result<(), CheckpointError>> {
        let actual = load(connection, &self.subscription)?;
        if actual != self.expected {
            return Ok(Err(CheckpointError::Moved {
                subscription: self.subscription.clone(),
                expected: self.expected,
                actual,
            }));
        }
        let position = i64::try_from(self.position.get())
            .map_err(|beyond| rusqlite::Error::ToSqlConversionFailure(beyond.into()))?;
        connection
            .prepare_cached(SAVE)?
            .execute((&self.subscription, position))?;
        Ok(Ok(()))
    }
}

impl Work for CheckpointMove {
    type Outcome = Result<(), CheckpointError>;

    fn weight(&self) -> usize {
        1
    }

    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome> {
        let outcome = one_statement(connection, || self.apply(connection))?;
        Ok(outcome.unwrap_or_else(|error| {
            Err(Failure::from(error).into_checkpoint(self.subscription.clone()))
        }))
    }
}
