//! Which append, or which read, meets which fault.

use std::collections::VecDeque;

use super::fault::AppendFault;
use super::seeded::Seeded;

/// How often faults are drawn, in a thousand appends (or reads, with [`ReadFault`](super::ReadFault)) each.
///
/// ```
/// use orchestrix::testkit::faults::{AppendFault, FaultOdds};
/// let odds = FaultOdds::none().with(AppendFault::AnswerLost, 50).with(AppendFault::Twice, 10);
/// # let _ = odds;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultOdds<F = AppendFault>(Vec<(F, u16)>);

impl<F> Default for FaultOdds<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: Copy> FaultOdds<F> {
    /// No faults.
    pub fn none() -> Self {
        Self::default()
    }

    /// And this fault, for so many of a thousand. What goes beyond a thousand in all never comes.
    #[must_use]
    pub fn with(mut self, fault: F, per_mille: u16) -> Self {
        self.0.push((fault, per_mille));
        self
    }

    fn fault(&self, drawn: u64) -> Option<F> {
        let mut end = 0;
        self.0.iter().find_map(|(fault, per_mille)| {
            end += u64::from(*per_mille);
            (drawn < end).then_some(*fault)
        })
    }
}

/// A script, one entry for each; then the same fault for all, if one was named; then what is drawn.
#[derive(Debug)]
pub(super) struct Plan<F = AppendFault> {
    pub(super) script: VecDeque<Option<F>>,
    pub(super) always: Option<F>,
    pub(super) drawn: Option<(Seeded, FaultOdds<F>)>,
}

impl<F> Default for Plan<F> {
    fn default() -> Self {
        Self {
            script: VecDeque::new(),
            always: None,
            drawn: None,
        }
    }
}

impl<F: Copy> Plan<F> {
    pub(super) fn next(&mut self) -> Option<F> {
        if let Some(fault) = self.script.pop_front() {
            return fault;
        }
        self.always.or_else(|| {
            let (seeded, odds) = self.drawn.as_mut()?;
            odds.fault(seeded.next() % 1_000)
        })
    }
}
