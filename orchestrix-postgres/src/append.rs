//! Appending: many appends in one call of a database function, which is one transaction.

mod batch;
mod outcome;

use std::sync::Arc;

use orchestrix::store::{Append, AppendError, Appended};

use crate::database::Database;
use crate::error::{Fault, SharedCause};
use crate::schema::{Schema, Statement};
use batch::Batch;
use outcome::Answer;

/// The function is made by the migration `0007_append_batch.sql`.
const APPEND_BATCH: &str =
    "select versions, positions, known_events, known_streams, known_versions, known_positions
  from {schema}.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
/// How often an append is tried that only others stood in the way of.
const ATTEMPTS: usize = 3;

/// The writing side.
#[derive(Debug)]
pub(crate) struct Appender {
    database: Arc<Database>,
    append_batch: Statement,
}

type Outcome = Result<Appended, AppendError>;

/// Why a call brought no outcomes.
enum CallError {
    /// No connection: nothing was sent.
    NotSent(SharedCause),
    /// The database said so.
    Driver(Fault, SharedCause),
}

impl Appender {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            database,
            append_batch: schema.statement(APPEND_BATCH),
        }
    }

    /// One outcome for each append, in their order. Must not be cancelled: a caller who wants to stop waiting runs it
    /// on a task.
    pub(crate) async fn append(&self, appends: Vec<Append>) -> Vec<Outcome> {
        let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(appends.len());
        let mut accepted = Vec::with_capacity(appends.len());
        for append in appends {
            match append.check() {
                Ok(()) => {
                    outcomes.push(None);
                    accepted.push(append);
                }
                Err(refused) => outcomes.push(Some(Err(refused))),
            }
        }
        let mut sent = Vec::with_capacity(accepted.len());
        for call in batch::calls(&accepted) {
            sent.extend(self.call_or_one_by_one(call).await);
        }
        let mut sent = sent.into_iter();
        outcomes
            .into_iter()
            // `sent` has one outcome for each append that was not refused above.
            .filter_map(|refused| refused.or_else(|| sent.next()))
            .collect()
    }

    /// When a call was rolled back as a whole, its appends are tried alone, so that the one at fault fails alone.
    async fn call_or_one_by_one(&self, appends: &[Append]) -> Vec<Outcome> {
        match self.call(appends).await {
            Ok(outcomes) => outcomes,
            Err(CallError::Driver(Fault::Contention | Fault::Refused, _)) => {
                let mut outcomes = Vec::with_capacity(appends.len());
                for append in appends {
                    outcomes.push(self.alone(append).await);
                }
                outcomes
            }
            Err(error) => appends.iter().map(|_| Err(error.outcome())).collect(),
        }
    }

    async fn alone(&self, append: &Append) -> Outcome {
        let mut attempt = 1;
        loop {
            match self.call(std::slice::from_ref(append)).await {
                Ok(mut outcomes) => {
                    return outcomes.pop().unwrap_or_else(|| Err(outcome::misfit()));
                }
                Err(CallError::Driver(Fault::Contention, _)) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.outcome()),
            }
        }
    }

    async fn call(&self, appends: &[Append]) -> Result<Vec<Outcome>, CallError> {
        let batch = Batch::of(appends)
            .map_err(|error| CallError::Driver(Fault::Refused, SharedCause::new(error)))?;
        let query = batch.query(&self.append_batch);
        let mut connection = self
            .database
            .acquire()
            .await
            .map_err(|error| CallError::NotSent(SharedCause::new(error)))?;
        // The transaction is committed after the row has been sent; `fetch_one` reads on until the server is ready
        // for more, so an error of the commit is not missed.
        let answer = query.fetch_one(&mut *connection).await;
        answer
            .and_then(|row| Answer::of(&row))
            .map(|answer| answer.outcomes(appends))
            .map_err(|error| CallError::Driver(Fault::of(&error), SharedCause::new(error)))
    }
}

impl CallError {
    fn outcome(&self) -> AppendError {
        match self {
            Self::NotSent(cause) => AppendError::Unavailable {
                source: cause.clone().into(),
            },
            Self::Driver(fault, cause) => {
                let source = cause.clone().into();
                match fault {
                    Fault::Contention | Fault::Unavailable => AppendError::Unavailable { source },
                    Fault::Refused => AppendError::Failed { source },
                    Fault::Lost => AppendError::Indeterminate { source },
                }
            }
        }
    }
}
