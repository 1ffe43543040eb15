//! What follows from the seed.

use std::hash::{DefaultHasher, Hash, Hasher};

use banking::domain::{AccountId, TransferSaga};

/// So many accounts are there.
pub const ACCOUNTS: u64 = 20;
/// The last so many of them are closed.
const CLOSED: u64 = 2;
/// On each account that is not closed, at the beginning.
pub const OPENING_PENCE: i64 = 3_000;
/// The largest amount: some accounts come to have less.
const MOST_PENCE: u64 = 150;
/// One of so many parts is refused for good before it has any effect.
const REFUSED: u64 = 12;
/// One of so many calls fails before it has its effect, and one after it.
const FAILING: u64 = 3;
/// So many calls of one part fail in a process at most, so that each part comes to an end.
const FAILING_CALLS: u32 = 3;

/// Two runs with the same seed ask for the same transfers, with the same refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferPlan {
    /// The seed.
    pub seed: u64,
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Nothing,
    /// It fails, and has no effect.
    Before,
    /// It fails after it had its effect.
    After,
}

impl TransferPlan {
    /// The transfer of this number.
    pub fn transfer(self, number: usize) -> TransferSaga {
        let from = self.draw((number, "from"), ACCOUNTS);
        let to = (from + 1 + self.draw((number, "to"), ACCOUNTS - 1)) % ACCOUNTS;
        TransferSaga {
            from: Self::account(from),
            to: Self::account(to),
            pence: 1 + self.draw((number, "pence"), MOST_PENCE) as i64,
        }
    }

    /// Its key.
    pub fn id(number: usize) -> String {
        format!("t{number}")
    }

    /// The name of an account.
    pub fn account(number: u64) -> AccountId {
        AccountId::from(format!("a{number}"))
    }

    /// Whether an account is closed from the beginning.
    pub fn is_closed(number: u64) -> bool {
        number >= ACCOUNTS - CLOSED
    }

    /// What all accounts have together, at any time when no transfer is under way.
    pub fn sum() -> i64 {
        (ACCOUNTS - CLOSED) as i64 * OPENING_PENCE
    }

    /// Whether a part of a transfer is refused for good, each time: a debit or a credit. What comes after those cannot be
    /// refused.
    pub fn is_refused(self, id: &str, part: &str) -> bool {
        matches!(part, "debit" | "credit") && self.draw((id, part, "refused"), REFUSED) == 0
    }

    /// What goes wrong with the how-manieth call of a part in a process, from zero.
    pub(super) fn fault(self, key: &str, call: u32) -> Fault {
        match self.draw((key, call), FAILING) {
            _ if call >= FAILING_CALLS => Fault::Nothing,
            0 => Fault::Before,
            1 => Fault::After,
            _ => Fault::Nothing,
        }
    }

    /// How many milliseconds a call waits.
    pub(super) fn pause(self, key: &str, call: u32, bound: u64) -> u64 {
        self.draw((key, call, "pause"), bound)
    }

    fn draw(self, about: impl Hash, bound: u64) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, about).hash(&mut hasher);
        hasher.finish() % bound
    }
}
