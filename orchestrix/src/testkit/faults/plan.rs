//! Which append meets which fault.

use std::collections::VecDeque;

use super::fault::AppendFault;

/// How often faults are drawn, in a thousand appends each.
///
/// ```
/// use orchestrix::testkit::faults::{AppendFault, FaultOdds};
/// let odds = FaultOdds::none().with(AppendFault::AnswerLost, 50).with(AppendFault::Twice, 10);
/// # let _ = odds;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FaultOdds(Vec<(AppendFault, u16)>);

impl FaultOdds {
    /// No faults.
    pub fn none() -> Self {
        Self::default()
    }

    /// And this fault, for so many of a thousand appends. What goes beyond a thousand in all never comes.
    #[must_use]
    pub fn with(mut self, fault: AppendFault, per_mille: u16) -> Self {
        self.0.push((fault, per_mille));
        self
    }

    fn fault(&self, drawn: u64) -> Option<AppendFault> {
        let mut end = 0;
        self.0.iter().find_map(|(fault, per_mille)| {
            end += u64::from(*per_mille);
            (drawn < end).then_some(*fault)
        })
    }
}

/// A script, one entry for each append; then the same fault for all, if one was named; then what is drawn.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) script: VecDeque<Option<AppendFault>>,
    pub(super) always: Option<AppendFault>,
    pub(super) drawn: Option<(Seeded, FaultOdds)>,
}

impl Plan {
    pub(super) fn next(&mut self) -> Option<AppendFault> {
        if let Some(fault) = self.script.pop_front() {
            return fault;
        }
        self.always.or_else(|| {
            let (seeded, odds) = self.drawn.as_mut()?;
            odds.fault(seeded.next() % 1_000)
        })
    }
}

/// Vigna's SplitMix64.
#[derive(Debug)]
pub(super) struct Seeded(pub(super) u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
