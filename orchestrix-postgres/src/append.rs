//! Appending: many appends in one call of a database function, which is one transaction.

mod batch;
mod condition;
mod failure;
mod first_outcome;
mod inline;
mod outcome;
mod round;

use std::sync::Arc;

use orchestrix::store::{Append, AppendError, Appended, Limits};

use crate::database::{Database, Purpose, Scope};
use crate::error::{Fault, SharedCause};
use crate::schema::{Schema, Statement};
use batch::Batch;
pub(crate) use batch::expectation;
pub(crate) use condition::items;
pub(crate) use failure::CallError;
pub(crate) use first_outcome::FirstOutcome;
use outcome::Answer;

/// The function is made by the migration `0013_append_batch_2.sql`.
const APPEND_BATCH: &str = "\
select versions, positions,
       known_events, known_streams, known_versions, known_positions,
       archived_writes, archived_versions,
       keyed_appends, keyed_positions, keyed_outcomes,
       unmet_appends, unmet_positions
  from {schema}.append_batch_2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
/// Where the columns of that statement end.
const FROM: &str = "\n  from {schema}.append_batch_2(";
/// What is done with what was stored, once it is, in the same statement.
const WITH_INLINES: &str =
    ",\n       {schema}.with_inlines($19, coalesce(cardinality(positions), 0), $20, $21)";
/// How often an append is tried that only others stood in the way of.
pub(crate) const ATTEMPTS: usize = 3;

/// The writing side.
#[derive(Debug)]
pub(crate) struct Appender {
    database: Arc<Database>,
    limits: Limits,
    append_batch: Statement,
    append_inline: Statement,
}

type Outcome = Result<Appended, AppendError>;

/// Whether it writes nothing but events.
fn is_plain(append: &Append) -> bool {
    append.inline().is_empty()
}

impl Appender {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema, limits: Limits) -> Self {
        let inline = APPEND_BATCH.replacen(FROM, &format!("{WITH_INLINES}{FROM}"), 1);
        Self {
            database,
            limits,
            append_batch: schema.statement(APPEND_BATCH),
            append_inline: schema.statement(&inline),
        }
    }

    /// One outcome for each append, in their order. Must not be cancelled: a caller who wants to stop waiting runs it
    /// on a task.
    pub(crate) async fn append(&self, appends: Vec<Append>) -> Vec<Outcome> {
        let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(appends.len());
        let mut accepted = Vec::with_capacity(appends.len());
        for append in appends {
            match append.check(&self.limits) {
                Ok(()) => {
                    outcomes.push(None);
                    accepted.push(append);
                }
                Err(refused) => outcomes.push(Some(Err(refused))),
            }
        }
        let mut sent = Vec::with_capacity(accepted.len());
        // Those that write documents go apart from others, in their turn.
        for run in accepted.chunk_by(|one, next| is_plain(one) == is_plain(next)) {
            if !run.first().is_some_and(is_plain) {
                sent.extend(self.inline(run).await);
                continue;
            }
            for call in batch::calls(run) {
                sent.extend(self.call_or_one_by_one(call).await);
            }
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
                Err(error) if error.is_contention() && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.outcome()),
            }
        }
    }

    async fn call(&self, appends: &[Append]) -> Result<Vec<Outcome>, CallError> {
        let batch = Batch::of(appends)
            .map_err(|error| CallError::Driver(Fault::Refused, SharedCause::new(error)))?;
        let query = batch.query(&self.append_batch);
        let written = appends.iter().flat_map(Append::writes);
        let scope = Scope::of_all(written.map(|write| write.stream.tenant()));
        let mut connection = self.database.lease_for(Purpose::Command, scope).await?;
        // The transaction is committed after the row has been sent; `fetch_one` reads on until the server is ready
        // for more, so an error of the commit is not missed.
        let row = connection.fetch_one(query).await?;
        Ok(Answer::of(&row)?.outcomes(appends))
    }
}
