//! Where chance comes from.

use std::collections::hash_map::RandomState;
use std::fmt::Debug;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(test)]
mod tests;

/// The app's dice: what spreads the waits of those who failed together. Not for secrets.
///
/// ```
/// use orchestrix::randomness::Randomness;
///
/// /// Waits are never shortened.
/// #[derive(Debug)]
/// struct NoChance;
///
/// impl Randomness for NoChance {
///     fn fraction(&self) -> f64 {
///         0.0
///     }
/// }
/// assert_eq!(NoChance.fraction(), 0.0);
/// ```
pub trait Randomness: Debug + Send + Sync + 'static {
    /// A number drawn evenly from 0 up to, but not including, 1.
    fn fraction(&self) -> f64;
}

/// Another number at each call and in each process.
///
/// ```
/// use orchestrix::randomness::{Randomness, SystemRandomness};
/// assert!((0.0..1.0).contains(&SystemRandomness.fraction()));
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    /// The standard library seeds its hasher at random, which is random enough for spreading waits.
    fn fraction(&self) -> f64 {
        fraction_of(RandomState::new().build_hasher().finish())
    }
}

/// Numbers that look random and follow from a seed, for tests: the same seed gives the same numbers in the same order.
///
/// Threads that share one share its row of numbers: each number is given out once, which thread gets it is open.
///
/// ```
/// use orchestrix::randomness::{Randomness, SeededRandomness};
///
/// let (one, same) = (SeededRandomness::new(7), SeededRandomness::new(7));
/// assert_eq!(one.fraction(), same.fraction());
/// assert_ne!(one.fraction(), SeededRandomness::new(8).fraction());
/// ```
#[derive(Debug)]
pub struct SeededRandomness(AtomicU64);

impl SeededRandomness {
    /// Starts the row of numbers that belongs to this seed.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Randomness for SeededRandomness {
    /// Vigna's SplitMix64.
    fn fraction(&self) -> f64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        // Only the state itself is shared, so no other memory has to be ordered with it. It wraps.
        let mut mixed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        fraction_of(mixed ^ (mixed >> 31))
    }
}

/// As many bits as the fraction of an `f64` holds: the result is exact, and never rounded up to 1.
fn fraction_of(random: u64) -> f64 {
    (random >> 11) as f64 / (1_u64 << 53) as f64
}
