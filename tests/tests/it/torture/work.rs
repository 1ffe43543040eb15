//! How much work a torture test does, with which random numbers, and how long it waits.

use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::time::Duration;

use orchestrix::error::BoxError;
use test_servers::QUICK_VARIABLE;

/// Set to a number of one or more, it asks for so many times the full work; otherwise a tenth of it is done.
const TORTURE_VARIABLE: &str = "ORCHESTRIX_TORTURE";

/// A run draws the same random numbers with the same seed. Threads and the server still go their own ways.
const SEED_VARIABLE: &str = "ORCHESTRIX_SEED";

/// How long anything may take that takes moments on an idle machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How much of its full work a test does, or `None` after printing a line which says that it is skipped.
pub(crate) fn amount(test: &str, full: usize) -> Option<usize> {
    if std::env::var(QUICK_VARIABLE).is_ok_and(|value| value == "1") {
        // `eprintln!` would be captured by the test harness, and several writes would mix with its own lines. A closed
        // stderr is no reason to fail the test.
        let line = format!("SKIP {test}: {QUICK_VARIABLE}=1 leaves torture out\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
        return None;
    }
    match number(TORTURE_VARIABLE) {
        None | Some(0) => Some(full / 10),
        Some(times) => Some(full.saturating_mul(times as usize)),
    }
}

/// The seed of this run: drawn at random unless it is given.
pub(super) fn seed() -> u64 {
    number(SEED_VARIABLE).unwrap_or_else(|| RandomState::new().hash_one(SEED_VARIABLE))
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Waits for what is bound to come, but not for ever.
pub(crate) async fn within<T>(
    limit: Duration,
    what: &str,
    coming: impl Future<Output = T>,
) -> Result<T, BoxError> {
    let came = tokio::time::timeout(limit, coming).await;
    came.map_err(|_elapsed| format!("waited {limit:?} in vain until {what}").into())
}

/// Between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(3);

/// Looks again and again, but not for ever, until it is so: for what tells nobody when it changes, as the system tables of
/// a server and what a store has in hand. Whatever gives a signal is waited for by that.
pub(crate) async fn seen(
    what: &str,
    mut is_so: impl AsyncFnMut() -> Result<bool, BoxError>,
) -> Result<(), BoxError> {
    let looking = async {
        while !is_so().await? {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Ok(())
    };
    within(PATIENCE, what, looking).await?
}

/// Vigna's SplitMix64.
#[derive(Debug, Clone)]
pub(super) struct Seeded(u64);

impl Seeded {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Others, for one of many tasks.
    pub(super) fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// A number from zero up to `bound`, which is not zero, excluding it.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Whether one of so many thousand chances came up.
    pub(super) fn per_mille(&mut self, chances: u64) -> bool {
        self.below(1_000) < chances
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
