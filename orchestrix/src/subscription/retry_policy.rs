//! How often, and how long after each failure, something is tried again.

use std::fmt;
use std::time::Duration;

use crate::randomness::Randomness;

#[cfg(test)]
mod tests;

/// How many retries, and how long to wait before each. It remembers nothing: who retries counts the failures.
///
/// `n` retries are `n + 1` calls.
///
/// ```
/// use std::time::Duration;
/// use orchestrix::randomness::SystemRandomness;
/// use orchestrix::subscription::{RetryPolicy, RetryPolicyError};
///
/// # fn main() -> Result<(), RetryPolicyError> {
/// let policy = RetryPolicy::exponential(5, Duration::from_millis(100), Duration::from_secs(30))?;
/// assert_eq!(policy.wait(1, &SystemRandomness), Some(Duration::from_millis(100)));
/// assert_eq!(policy.wait(5, &SystemRandomness), Some(Duration::from_millis(1600)));
/// assert_eq!(policy.wait(6, &SystemRandomness), None);
///
/// // Those who failed together do not come back together.
/// let spread = policy.with_jitter(0.5)?;
/// assert_eq!(spread.to_string(), "5 retries, from 100 ms doubling to 30 s, jitter 50 %");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// `None` is without end.
    retries: Option<u32>,
    waits: Waits,
    jitter: f64,
}

/// Before jitter.
#[derive(Debug, Clone, PartialEq)]
enum Waits {
    None,
    Fixed {
        wait: Duration,
    },
    Linear {
        first: Duration,
        longest: Duration,
    },
    Exponential {
        first: Duration,
        longest: Duration,
        multiplier: f64,
    },
}

impl RetryPolicy {
    /// One call, no retries.
    pub fn none() -> Self {
        Self {
            retries: Some(0),
            waits: Waits::None,
            jitter: 0.0,
        }
    }

    /// Always the same wait.
    ///
    /// # Errors
    /// When `wait` is zero.
    pub fn fixed(retries: u32, wait: Duration) -> Result<Self, RetryPolicyError> {
        check_bounds(wait, wait)?;
        Ok(Self::new(retries, Waits::Fixed { wait }))
    }

    /// The `n`-th wait is `n` times the first, but at most the longest.
    ///
    /// # Errors
    /// When `first` is zero, or longer than `longest`.
    pub fn linear(
        retries: u32,
        first: Duration,
        longest: Duration,
    ) -> Result<Self, RetryPolicyError> {
        check_bounds(first, longest)?;
        Ok(Self::new(retries, Waits::Linear { first, longest }))
    }

    /// Each wait is twice the one before, but at most the longest; see [`with_multiplier`](Self::with_multiplier).
    ///
    /// # Errors
    /// When `first` is zero, or longer than `longest`.
    pub fn exponential(
        retries: u32,
        first: Duration,
        longest: Duration,
    ) -> Result<Self, RetryPolicyError> {
        check_bounds(first, longest)?;
        let waits = Waits::Exponential {
            first,
            longest,
            multiplier: 2.0,
        };
        Ok(Self::new(retries, waits))
    }

    /// Each wait is so many times the one before, instead of twice.
    ///
    /// # Errors
    /// When it is not a finite number of at least 1, or the policy is not exponential.
    pub fn with_multiplier(mut self, by: f64) -> Result<Self, RetryPolicyError> {
        if !(by.is_finite() && by >= 1.0) {
            return Err(RetryPolicyError::Multiplier { multiplier: by });
        }
        match &mut self.waits {
            Waits::Exponential { multiplier, .. } => *multiplier = by,
            Waits::None | Waits::Fixed { .. } | Waits::Linear { .. } => {
                return Err(RetryPolicyError::NotExponential);
            }
        }
        Ok(self)
    }

    /// Shortens each wait at random by up to this fraction of it: what is waited is drawn evenly from
    /// `(1 - fraction) × wait` to `wait`.
    ///
    /// # Errors
    /// When it is outside of 0 to 1, or the policy has no waits.
    pub fn with_jitter(mut self, fraction: f64) -> Result<Self, RetryPolicyError> {
        if !(0.0..=1.0).contains(&fraction) {
            return Err(RetryPolicyError::Jitter { fraction });
        }
        self.check_waits()?;
        self.jitter = fraction;
        Ok(self)
    }

    /// Takes away the end of the retries: the waits go on, and stay as they are at the longest.
    ///
    /// # Errors
    /// When the policy has no waits.
    pub fn for_ever(mut self) -> Result<Self, RetryPolicyError> {
        self.check_waits()?;
        self.retries = None;
        Ok(self)
    }

    /// How many retries there are; `None` is without end.
    pub fn retries(&self) -> Option<u32> {
        self.retries
    }

    /// How long to wait after so many failures in a row, at least 1 (0 counts as 1); `None` is to give up.
    pub fn wait(&self, failures: u32, random: &dyn Randomness) -> Option<Duration> {
        let failures = failures.max(1);
        if self.retries.is_some_and(|retries| failures > retries) {
            return None;
        }
        let whole = self.waits.after(failures)?;
        if self.jitter == 0.0 {
            return Some(whole);
        }
        // Anybody may implement `Randomness`, and give what it must not.
        let drawn = random.fraction().clamp(0.0, 1.0);
        Some(whole.saturating_sub(scaled(whole, self.jitter * drawn)))
    }

    fn new(retries: u32, waits: Waits) -> Self {
        Self {
            retries: Some(retries),
            waits,
            jitter: 0.0,
        }
    }

    fn check_waits(&self) -> Result<(), RetryPolicyError> {
        match self.waits {
            Waits::None => Err(RetryPolicyError::NoWaits),
            _ => Ok(()),
        }
    }
}

impl Waits {
    /// `failures` is at least 1.
    fn after(&self, failures: u32) -> Option<Duration> {
        match *self {
            Self::None => None,
            Self::Fixed { wait } => Some(wait),
            Self::Linear { first, longest } => Some(first.saturating_mul(failures).min(longest)),
            Self::Exponential {
                first,
                longest,
                multiplier,
            } => {
                let factor = multiplier.powf(f64::from(failures - 1));
                // Long waits lose nanoseconds as floating-point numbers, but are never shorter than the first.
                Some(scaled(first, factor).clamp(first, longest))
            }
        }
    }
}

/// `factor` is not negative, but may be infinite or no number: the longest there is takes the place of what is too long.
fn scaled(wait: Duration, factor: f64) -> Duration {
    // Whole nanoseconds are exact up to a hundred days. The conversion saturates, and takes NaN for 0.
    let nanos = (wait.as_nanos() as f64 * factor).round() as u128;
    let second = Duration::from_secs(1).as_nanos();
    match u64::try_from(nanos / second) {
        // A remainder of a second's nanoseconds fits.
        Ok(seconds) => Duration::new(seconds, (nanos % second) as u32),
        Err(_) => Duration::MAX,
    }
}

fn check_bounds(first: Duration, longest: Duration) -> Result<(), RetryPolicyError> {
    if first.is_zero() || longest.is_zero() {
        return Err(RetryPolicyError::ZeroWait);
    }
    if first > longest {
        return Err(RetryPolicyError::FirstLongerThanLongest { first, longest });
    }
    Ok(())
}

/// For people: `5 retries, from 100 ms doubling to 30 s, jitter 50 %`.
impl fmt::Display for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.retries {
            Some(0) => return f.write_str("no retries"),
            Some(1) => f.write_str("1 retry")?,
            Some(retries) => write!(f, "{retries} retries")?,
            None => f.write_str("retries for ever")?,
        }
        match &self.waits {
            Waits::None => {}
            Waits::Fixed { wait } => write!(f, ", each after {}", Spaced(*wait))?,
            Waits::Linear { first, longest } => {
                let (first, longest) = (Spaced(*first), Spaced(*longest));
                write!(f, ", from {first} by {first} more to {longest}")?;
            }
            Waits::Exponential {
                first,
                longest,
                multiplier,
            } => {
                write!(f, ", from {} ", Spaced(*first))?;
                match *multiplier {
                    2.0 => f.write_str("doubling")?,
                    multiplier => write!(f, "times {multiplier}")?,
                }
                write!(f, " to {}", Spaced(*longest))?;
            }
        }
        match self.jitter {
            0.0 => Ok(()),
            // Floating-point noise such as 28.999999999999996 is not for people.
            jitter => write!(f, ", jitter {} %", (jitter * 1e4).round() / 1e2),
        }
    }
}

/// A duration as people write it: `1.5 s`.
struct Spaced(Duration);

impl fmt::Display for Spaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:?}", self.0);
        let is_unit = |c: char| !c.is_ascii_digit() && c != '.';
        match text.find(is_unit) {
            Some(unit) => write!(f, "{} {}", &text[..unit], &text[unit..]),
            None => f.write_str(&text),
        }
    }
}

/// Why a [`RetryPolicy`] cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RetryPolicyError {
    /// Retries without a wait would keep everybody busy.
    #[error("the wait before a retry must be longer than zero")]
    ZeroWait,
    /// The waits could not grow.
    #[error("the first wait ({first:?}) is longer than the longest ({longest:?})")]
    FirstLongerThanLongest {
        /// The first wait.
        first: Duration,
        /// The longest wait.
        longest: Duration,
    },
    /// The waits would shrink, or be no numbers.
    #[error("the multiplier of the waits must be a finite number of at least 1, not {multiplier}")]
    Multiplier {
        /// What was given.
        multiplier: f64,
    },
    /// Only exponential waits have a multiplier.
    #[error("only an exponential retry policy has a multiplier")]
    NotExponential,
    /// Waits are shortened by a part of themselves.
    #[error("the jitter must be a fraction from 0 to 1, not {fraction}")]
    Jitter {
        /// What was given.
        fraction: f64,
    },
    /// There is nothing to spread or to go on with.
    #[error("a policy of no retries has no waits to spread or to go on with for ever")]
    NoWaits,
}
