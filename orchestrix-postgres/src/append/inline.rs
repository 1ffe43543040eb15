//! Appends that write documents with their events: a transaction of several statements.
//!
//! It takes the locks of its streams first, as every append does, then shares those of the builds it writes to, then takes
//! those of progress and documents, read model by read model in the order of their names and streams. Whoever folds pages
//! takes the latter in the same order, and none of the former.

use orchestrix::store::{Append, AppendError, InlineWrite};

use super::batch::{self, Batch};
use super::outcome::{self, Answer};
use super::{ATTEMPTS, Appender, CallError, Outcome};
use crate::database::{Purpose, Scope, Transaction};
use crate::error::{Fault, SharedCause};

/// At most so many go into one transaction: each takes a round trip, and the locks of all are held meanwhile.
const TOGETHER: usize = 32;

/// What became of appends in one transaction: their outcomes, or which read model was not as it was seen, and nothing is
/// stored.
type Together = Result<Vec<Outcome>, AppendError>;

impl Appender {
    /// One outcome for each, in their order.
    pub(super) async fn inline(&self, appends: &[Append]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(appends.len());
        for call in batch::calls(appends) {
            for some in call.chunks(TOGETHER) {
                outcomes.extend(self.inline_or_one_by_one(some).await);
            }
        }
        outcomes
    }

    /// When all were rolled back because of one, or of others, each is tried alone.
    async fn inline_or_one_by_one(&self, appends: &[Append]) -> Vec<Outcome> {
        if appends.len() > 1 {
            match self.try_inline(appends).await {
                Ok(Ok(outcomes)) => return outcomes,
                Ok(Err(_)) | Err(CallError::Driver(Fault::Contention | Fault::Refused, _)) => {}
                Err(error) => return appends.iter().map(|_| Err(error.outcome())).collect(),
            }
        }
        let mut outcomes = Vec::with_capacity(appends.len());
        for append in appends {
            outcomes.push(self.inline_alone(append).await);
        }
        outcomes
    }

    async fn inline_alone(&self, append: &Append) -> Outcome {
        let mut attempt = 1;
        loop {
            match self.try_inline(std::slice::from_ref(append)).await {
                Ok(together) => {
                    let only = together?.pop();
                    return only.unwrap_or_else(|| Err(outcome::misfit()));
                }
                Err(error) if error.is_contention() && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.outcome()),
            }
        }
    }

    async fn try_inline(&self, appends: &[Append]) -> Result<Together, CallError> {
        let written = appends.iter().flat_map(Append::writes);
        let scope = Scope::of_all(written.map(|write| write.stream.tenant()));
        let begun = self.database.begin(Purpose::Command, &scope).await?;
        let mut transaction = begun.map_err(before_commit)?;
        match self.write_all(appends, &mut transaction).await {
            Ok(Ok(outcomes)) => {
                transaction.commit().await?;
                Ok(Ok(outcomes))
            }
            moved_or_failed => {
                transaction.roll_back().await;
                moved_or_failed
            }
        }
    }

    /// Stores the events, and does what goes with those that are stored now.
    async fn write_all(
        &self,
        appends: &[Append],
        transaction: &mut Transaction,
    ) -> Result<Together, CallError> {
        let batch = Batch::of(appends)
            .map_err(|error| CallError::Driver(Fault::Refused, SharedCause::new(error)))?;
        let query = batch.query(&self.append_batch);
        let row = transaction.connection().fetch_one(query).await;
        let answer = Answer::of(&row.map_err(before_commit)?).map_err(before_commit)?;
        let outcomes = answer.outcomes(appends);
        let stored = appends.iter().zip(&outcomes);
        let stored = stored.filter(|(_, outcome)| matches!(outcome, Ok(done) if !done.repeated));
        let mut all: Vec<(&Append, &InlineWrite)> = stored
            .flat_map(|(append, _)| append.inline().iter().map(move |one| (append, one)))
            .collect();
        // Those of one stream stay in the order of their appends.
        all.sort_by(|(_, a), (_, b)| place(a).cmp(&place(b)));
        for (append, one) in all {
            let mut connection = transaction.connection();
            let written = self.progress.write_inline(&mut connection, one, append);
            if !written.await.map_err(before_commit)? {
                return Ok(Err(one.moved()));
            }
        }
        Ok(Ok(outcomes))
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
