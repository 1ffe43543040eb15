//! What a fault store has done.

use super::fault::AppendFault;
use super::read_fault::ReadFault;

/// What a [`FaultStore`](super::FaultStore) has done until now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FaultCounts {
    /// Calls of `append`.
    pub calls: usize,
    /// Appends in them.
    pub appends: usize,
    /// Appends that nothing was done to.
    pub untouched: usize,
    /// Appends that met [`AppendFault::Unavailable`].
    pub unavailable: usize,
    /// Appends that met [`AppendFault::Failed`].
    pub failed: usize,
    /// Appends that met [`AppendFault::NotSent`].
    pub not_sent: usize,
    /// Appends that met [`AppendFault::AnswerLost`].
    pub answers_lost: usize,
    /// Appends that met [`AppendFault::Held`].
    pub held: usize,
    /// Appends that met [`AppendFault::Twice`].
    pub twice: usize,
    /// Appends that were sent a second time, which the store beneath did not answer as repeated: a fault of that store.
    pub unrecognised: usize,
    /// Reads of all kinds.
    pub reads: usize,
    /// Reads that met [`ReadFault::Unavailable`].
    pub reads_unavailable: usize,
    /// Reads that met [`ReadFault::Failed`].
    pub reads_failed: usize,
    /// Reads that met [`ReadFault::Held`].
    pub reads_held: usize,
    /// Reads that met [`ReadFault::Short`], and were shortened.
    pub reads_shortened: usize,
    /// Reads that met [`ReadFault::Stale`], and did not tell of an event.
    pub reads_stale: usize,
    /// Listeners that are never woken.
    pub deaf_listeners: usize,
}

impl FaultCounts {
    pub(super) fn met(&mut self, fault: Option<AppendFault>) {
        self.appends += 1;
        *match fault {
            None => &mut self.untouched,
            Some(AppendFault::Unavailable) => &mut self.unavailable,
            Some(AppendFault::Failed) => &mut self.failed,
            Some(AppendFault::NotSent) => &mut self.not_sent,
            Some(AppendFault::AnswerLost) => &mut self.answers_lost,
            Some(AppendFault::Held) => &mut self.held,
            Some(AppendFault::Twice) => &mut self.twice,
        } += 1;
    }

    pub(super) fn read_met(&mut self, fault: Option<ReadFault>) {
        self.reads += 1;
        *match fault {
            Some(ReadFault::Unavailable) => &mut self.reads_unavailable,
            Some(ReadFault::Failed) => &mut self.reads_failed,
            Some(ReadFault::Held) => &mut self.reads_held,
            // Counted when there was something to hide.
            Some(ReadFault::Short | ReadFault::Stale) | None => return,
        } += 1;
    }

    pub(super) fn hid(&mut self, fault: ReadFault) {
        *match fault {
            ReadFault::Short => &mut self.reads_shortened,
            ReadFault::Stale => &mut self.reads_stale,
            // These hide nothing.
            ReadFault::Unavailable | ReadFault::Failed | ReadFault::Held => return,
        } += 1;
    }
}
