//! What the writer does for its callers.

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::failure::Failure;

/// Something to be written, together with others in one transaction.
pub(crate) trait Work: Send + 'static {
    /// What the caller is told after the commit.
    type Outcome: Send + 'static;

    /// About how many rows it writes.
    fn weight(&self) -> usize;

    /// Does it, inside of a transaction. What is refused leaves no trace, and is an outcome. May be called again when
    /// the transaction was rolled back.
    ///
    /// # Errors
    /// When the whole transaction is lost.
    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome>;

    /// Whether the outcome puts new events into the log.
    fn appends(_outcome: &Self::Outcome) -> bool {
        false
    }
}

/// Work of any kind, with somebody who waits for it.
pub(crate) trait Job: Send {
    fn weight(&self) -> usize;
    /// See [`Work::run`].
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;
    /// Whether the last run put new events into the log.
    fn appends(&self) -> bool;
    /// After the commit: hands out the outcome of the last run.
    fn answer(self: Box<Self>);
    /// Instead of a commit: hands out what went wrong.
    fn fail(self: Box<Self>, failure: &Failure);
}

/// [`Work`] with the caller's end of the answer and its place in the queue.
pub(crate) struct Task<W: Work> {
    pub(crate) work: W,
    pub(crate) outcome: Option<W::Outcome>,
    pub(crate) reply: oneshot::Sender<Result<W::Outcome, Failure>>,
    pub(crate) _place: OwnedSemaphorePermit,
}

impl<W: Work> Job for Task<W> {
    fn weight(&self) -> usize {
        self.work.weight()
    }

    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.outcome = Some(self.work.run(connection)?);
        Ok(())
    }

    fn appends(&self) -> bool {
        self.outcome.as_ref().is_some_and(W::appends)
    }

    fn answer(self: Box<Self>) {
        let outcome = self.outcome.ok_or_else(Failure::no_answer);
        // The caller may have gone; what it asked for is done all the same.
        let _gone = self.reply.send(outcome);
    }

    fn fail(self: Box<Self>, failure: &Failure) {
        let _gone = self.reply.send(Err(failure.clone()));
    }
}
