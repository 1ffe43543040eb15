//! An append that writes documents with its events: a transaction of its own.
//!
//! It takes the locks of its streams first, as every append does, then shares those of the builds it writes to, then takes
//! those of progress and documents, read model by read model in the order of their names. Whoever folds pages takes the
//! latter in the same order, and none of the former.

use orchestrix::store::{Append, AppendError, InlineWrite};

use super::batch::Batch;
use super::outcome::{self, Answer};
use super::{ATTEMPTS, Appender, CallError, Outcome};
use crate::database::{Purpose, Scope, Transaction};
use crate::error::{Fault, SharedCause};

impl Appender {
    pub(super) async fn inline(&self, append: &Append) -> Outcome {
        let mut attempt = 1;
        loop {
            match self.try_inline(append).await {
                Ok(outcome) => return outcome,
                Err(error) if error.is_contention() && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.outcome()),
            }
        }
    }

    async fn try_inline(&self, append: &Append) -> Result<Outcome, CallError> {
        let scope = Scope::of_all(append.writes().iter().map(|write| write.stream.tenant()));
        let begun = self.database.begin(Purpose::Command, &scope).await?;
        let mut transaction = begun.map_err(before_commit)?;
        match self.write(append, &mut transaction).await {
            Ok(Ok(appended)) if !appended.repeated => {
                transaction.commit().await?;
                Ok(Ok(appended))
            }
            // What was stored before is not written again.
            Ok(outcome) => {
                transaction.roll_back().await;
                Ok(outcome)
            }
            Err(error) => {
                transaction.roll_back().await;
                Err(error)
            }
        }
    }

    /// Stores the events, and does what goes with them.
    async fn write(
        &self,
        append: &Append,
        transaction: &mut Transaction,
    ) -> Result<Outcome, CallError> {
        let appends = std::slice::from_ref(append);
        let batch = Batch::of(appends)
            .map_err(|error| CallError::Driver(Fault::Refused, SharedCause::new(error)))?;
        let query = batch.query(&self.append_batch);
        let row = transaction.connection().fetch_one(query).await;
        let answer = Answer::of(&row.map_err(before_commit)?).map_err(before_commit)?;
        let appended = match answer.outcomes(appends).pop() {
            Some(Ok(appended)) => appended,
            Some(Err(AppendError::Indeterminate { source })) => {
                // The answer makes no sense, and nothing is committed yet.
                return Ok(Err(AppendError::Failed { source }));
            }
            Some(refused) => return Ok(refused),
            None => return Ok(Err(outcome::misfit())),
        };
        if appended.repeated {
            return Ok(Ok(appended));
        }
        let mut inline: Vec<&InlineWrite> = append.inline().iter().collect();
        inline.sort_by(|a, b| place(a).cmp(&place(b)));
        for one in inline {
            let mut connection = transaction.connection();
            let (all, writes) = (append.inline(), append.writes());
            let written = self
                .progress
                .write_inline(&mut connection, one, all, writes);
            if !written.await.map_err(before_commit)? {
                return Ok(Err(one.moved()));
            }
        }
        Ok(Ok(appended))
    }
}

/// What the locks are ordered by.
fn place(one: &InlineWrite) -> impl Ord + '_ {
    (&one.read_model, one.build, &one.stream)
}

/// Without its commit nothing is stored, whatever became of the answer.
fn before_commit(error: sqlx::Error) -> CallError {
    match Fault::of(&error) {
        Fault::Lost => CallError::NotSent(SharedCause::new(error)),
        fault => CallError::Driver(fault, SharedCause::new(error)),
    }
}
