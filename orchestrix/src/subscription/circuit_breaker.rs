//! Leaving alone what keeps failing.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

#[cfg(test)]
mod tests;

/// Stops calls to what failed several times in a row, and lets a single one try from time to time.
///
/// - Closed: calls go through. `threshold` failures in a row open it; a success starts the count again.
/// - Open: no calls for `open_for`. The outcome of a call that began before changes nothing.
/// - Half-open: one call tries. Its success closes the breaker, its failure opens it again for `open_for`. A trial whose
///   outcome is not told within `open_for` is taken as lost, and the next call tries.
///
/// It reads no clock. Use one for each thing that can fail by itself: handlers of their own, and the store.
///
/// ```
/// use std::time::Duration;
/// use orchestrix::subscription::{CircuitBreaker, CircuitBreakerError, CircuitState};
///
/// # fn main() -> Result<(), CircuitBreakerError> {
/// let open_for = Duration::from_secs(10);
/// let mut breaker = CircuitBreaker::new(2, open_for)?;
/// let now = tokio::time::Instant::now();
/// breaker.failed(now);
/// breaker.failed(now);
/// assert_eq!(breaker.may_try(now), Err(open_for));
///
/// assert_eq!(breaker.may_try(now + open_for), Ok(()));
/// breaker.succeeded();
/// assert_eq!(breaker.state(now + open_for), CircuitState::Closed { failures: 0 });
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct CircuitBreaker {
    threshold: u32,
    open_for: Duration,
    circuit: Circuit,
}

#[derive(Debug, Clone, Copy)]
enum Circuit {
    Closed {
        failures: u32,
    },
    Open {
        since: Instant,
    },
    /// The next call may try.
    Ready,
    Trial {
        since: Instant,
    },
}

impl CircuitBreaker {
    /// A closed one, which `threshold` failures in a row open for `open_for`.
    ///
    /// # Errors
    /// When either is zero.
    pub fn new(threshold: u32, open_for: Duration) -> Result<Self, CircuitBreakerError> {
        if threshold == 0 {
            return Err(CircuitBreakerError::ZeroThreshold);
        }
        if open_for.is_zero() {
            return Err(CircuitBreakerError::ZeroOpenFor);
        }
        Ok(Self {
            threshold,
            open_for,
            circuit: Circuit::Closed { failures: 0 },
        })
    }

    /// Asks for leave before a call. Whoever gets it tells the outcome with [`succeeded`](Self::succeeded) or
    /// [`failed`](Self::failed).
    ///
    /// # Errors
    /// How long to wait before asking again; never zero.
    pub fn may_try(&mut self, now: Instant) -> Result<(), Duration> {
        match self.circuit {
            Circuit::Closed { .. } => Ok(()),
            Circuit::Ready => {
                self.circuit = Circuit::Trial { since: now };
                Ok(())
            }
            Circuit::Open { since } | Circuit::Trial { since } => {
                match self.remaining(since, now) {
                    Some(wait) => Err(wait),
                    None => {
                        self.circuit = Circuit::Trial { since: now };
                        Ok(())
                    }
                }
            }
        }
    }

    /// Has the next call try at once, where it is open: somebody knows that what failed was mended.
    pub fn let_try(&mut self) {
        if let Circuit::Open { .. } = self.circuit {
            self.circuit = Circuit::Ready;
        }
    }

    /// A call succeeded.
    pub fn succeeded(&mut self) {
        match self.circuit {
            Circuit::Closed { .. } | Circuit::Trial { .. } => {
                self.circuit = Circuit::Closed { failures: 0 };
            }
            Circuit::Open { .. } | Circuit::Ready => {}
        }
    }

    /// A call failed.
    pub fn failed(&mut self, now: Instant) {
        self.circuit = match self.circuit {
            Circuit::Closed { failures } if failures + 1 < self.threshold => Circuit::Closed {
                failures: failures + 1,
            },
            Circuit::Closed { .. } | Circuit::Ready | Circuit::Trial { .. } => {
                Circuit::Open { since: now }
            }
            open @ Circuit::Open { .. } => open,
        };
    }

    /// What it would say now.
    pub fn state(&self, now: Instant) -> CircuitState {
        match self.circuit {
            Circuit::Closed { failures } => CircuitState::Closed { failures },
            Circuit::Ready | Circuit::Trial { .. } => CircuitState::HalfOpen,
            Circuit::Open { since } => match self.remaining(since, now) {
                Some(remaining) => CircuitState::Open { remaining },
                None => CircuitState::HalfOpen,
            },
        }
    }

    /// What is left of `open_for`, if anything.
    fn remaining(&self, since: Instant, now: Instant) -> Option<Duration> {
        let passed = now.saturating_duration_since(since);
        let remaining = self.open_for.saturating_sub(passed);
        (!remaining.is_zero()).then_some(remaining)
    }
}

/// Whether calls go through a [`CircuitBreaker`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CircuitState {
    /// They do.
    Closed {
        /// Failures since the last success; fewer than open it.
        failures: u32,
    },
    /// They do not.
    Open {
        /// For how long still.
        remaining: Duration,
    },
    /// One is trying, or the next may.
    HalfOpen,
}

/// In words.
impl fmt::Display for CircuitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { failures: 0 } => f.write_str("closed"),
            Self::Closed { failures } => write!(f, "closed, {failures} failure(s) in a row"),
            Self::Open { remaining } => write!(f, "open for another {remaining:?}"),
            Self::HalfOpen => f.write_str("half-open"),
        }
    }
}

/// Why a [`CircuitBreaker`] cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CircuitBreakerError {
    /// It would never be closed.
    #[error("a circuit breaker needs a threshold of at least 1 failure")]
    ZeroThreshold,
    /// It would never be open.
    #[error("a circuit breaker must stay open for some time, not zero")]
    ZeroOpenFor,
}
