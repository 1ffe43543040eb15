//! Appends that write documents with their events: one statement, which is one transaction.
//!
//! It takes the locks of its streams first, as every append does, then shares those of the builds it writes to, then takes
//! those of progress and documents, read model by read model in the order of their names and streams. Whoever folds pages
//! takes the latter in the same order, and none of the former.

use orchestrix::store::{Append, AppendError, InlineWrite};

use super::batch::{self, Batch};
use super::outcome::{self, Answer};
use super::{ATTEMPTS, Appender, CallError, Outcome};
use crate::database::{Purpose, Scope};
use crate::error::{Fault, SharedCause};
use crate::progress;

/// At most so many go together: where one of them is refused, each is made once more.
const TOGETHER: usize = 64;
/// Raised where a read model is not as it was seen; the message is the number of the write.
const MOVED: &str = "ORX01";
/// Raised where some of several appends were refused.
const SOME_REFUSED: &str = "ORX02";

/// What became of appends in one transaction.
enum Together {
    Done(Vec<Outcome>),
    /// Nothing is stored, because of one of them. Which read model that is, where it is that.
    Undone(Option<AppendError>),
}

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
                Ok(Together::Done(outcomes)) => return outcomes,
                Ok(Together::Undone(_))
                | Err(CallError::Driver(Fault::Contention | Fault::Refused, _)) => {}
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
                Ok(Together::Done(mut outcomes)) => {
                    return outcomes.pop().unwrap_or_else(|| Err(outcome::misfit()));
                }
                Ok(Together::Undone(why)) => return Err(why.unwrap_or_else(outcome::misfit)),
                Err(error) if error.is_contention() && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.outcome()),
            }
        }
    }

    async fn try_inline(&self, appends: &[Append]) -> Result<Together, CallError> {
        let refused =
            |error: serde_json::Error| CallError::Driver(Fault::Refused, SharedCause::new(error));
        let mut all: Vec<(&Append, &InlineWrite)> = appends
            .iter()
            .flat_map(|append| append.inline().iter().map(move |one| (append, one)))
            .collect();
        // Those of one stream stay in the order of their appends.
        all.sort_by(|(_, a), (_, b)| place(a).cmp(&place(b)));
        let inlines = all.iter().map(|(append, one)| progress::json(one, append));
        let inlines = inlines.collect::<Result<Vec<_>, _>>().map_err(refused)?;
        let events: usize = appends.iter().map(Append::event_count).sum();
        let batch = Batch::of(appends).map_err(refused)?;
        // Calls hold far fewer events and appends than fit; see `batch::calls`.
        let query = batch
            .query(&self.append_inline)
            .bind(inlines)
            .bind(events as i32)
            .bind(appends.len() as i32);
        let written = appends.iter().flat_map(Append::writes);
        let scope = Scope::of_all(written.map(|write| write.stream.tenant()));
        let mut connection = self.database.lease_for(Purpose::Command, scope).await?;
        let error = match connection.fetch_one(query).await {
            Ok(row) => return Ok(Together::Done(Answer::of(&row)?.outcomes(appends))),
            Err(error) => error,
        };
        let said = match &error {
            sqlx::Error::Database(said) => said,
            _ => return Err(error.into()),
        };
        match said.code().as_deref() {
            Some(SOME_REFUSED) => Ok(Together::Undone(None)),
            Some(MOVED) => {
                let number = said.message().parse().unwrap_or(0_usize);
                let moved = all.get(number.wrapping_sub(1));
                Ok(Together::Undone(moved.map(|(_, one)| one.moved())))
            }
            _ => Err(error.into()),
        }
    }
}

/// What the locks are ordered by.
fn place(one: &InlineWrite) -> impl Ord + '_ {
    (&one.read_model, one.build, &one.stream)
}
