//! No more than so many.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::around::is_layer;
use super::{Call, Middleware, Next};

/// The longest period: a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Lets so many calls through in a period, and refuses the others at once, saying when to come again: a command with
/// [`DispatchError::RateLimited`](crate::app::DispatchError::RateLimited), a delivery with [`RateLimited`].
///
/// It is a bucket of tokens, full at first: each call takes one, and they come back evenly over the period. What is
/// refused takes none. Clones, and all services of one layer, share the bucket; each process has its own.
///
/// ```
/// use std::time::Duration;
/// use orchestrix::middleware::RateLimit;
/// use orchestrix::prelude::*;
///
/// // A hundred a second, but no more than ten at once.
/// let limit = RateLimit::new(100, Duration::from_secs(1))?.with_burst(10)?;
/// # let _ = Orchestrix::builder().dispatch_layer(limit);
/// # Ok::<(), orchestrix::middleware::RateLimitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct RateLimit {
    /// How long a token takes to come back.
    interval: Duration,
    burst: u32,
    /// When the bucket is full again; no time before its first use.
    full: Arc<Mutex<Option<Instant>>>,
}

is_layer!(RateLimit);

impl RateLimit {
    /// So many calls in a period of at most a day. As many may come at once.
    ///
    /// # Errors
    /// [`RateLimitError::NoCalls`], [`RateLimitError::Period`], or [`RateLimitError::TooMany`] for more than one in a
    /// nanosecond.
    pub fn new(calls: u32, period: Duration) -> Result<Self, RateLimitError> {
        if calls == 0 {
            return Err(RateLimitError::NoCalls);
        }
        if period.is_zero() || period > LONGEST {
            return Err(RateLimitError::Period { period });
        }
        let interval = period / calls;
        if interval.is_zero() {
            return Err(RateLimitError::TooMany { calls, period });
        }
        Ok(Self {
            interval,
            burst: calls,
            full: Arc::default(),
        })
    }

    /// So many may come at once, instead of as many as in a period. Its bucket is a new one.
    ///
    /// # Errors
    /// [`RateLimitError::NoCalls`] when there are none.
    pub fn with_burst(self, burst: u32) -> Result<Self, RateLimitError> {
        match burst {
            0 => Err(RateLimitError::NoCalls),
            burst => Ok(Self {
                burst,
                full: Arc::default(),
                ..self
            }),
        }
    }

    /// Takes a token; if there is none, says how long until there is.
    fn take(&self) -> Result<(), Duration> {
        let now = Instant::now();
        // Nothing under this lock panics half-way.
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = full.map_or(Duration::ZERO, |full| full.saturating_duration_since(now));
        // With one token left, all others are missing.
        let most = self.interval.saturating_mul(self.burst - 1);
        if missing > most {
            return Err(missing - most);
        }
        *full = Some(now + missing + self.interval);
        Ok(())
    }
}

impl<C: Call> Middleware<C> for RateLimit {
    async fn handle(&self, call: C, next: Next<C>) -> Result<C::Reply, C::Error> {
        match self.take() {
            Ok(()) => next.run(call).await,
            Err(retry_after) => Err(call.limited(retry_after)),
        }
    }
}

/// A delivery came while too many others did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many calls: the next may come in {retry_after:?}")]
#[non_exhaustive]
pub struct RateLimited {
    /// How long until the next one is let through, if nobody else comes.
    pub retry_after: Duration,
}

/// Why a [`RateLimit`] cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RateLimitError {
    /// It would let nothing through.
    #[error("a rate limit must let at least one call through")]
    NoCalls,
    /// The period is no time, or more than a day.
    #[error(
        "the period of a rate limit must be longer than zero and at most a day, not {period:?}"
    )]
    Period {
        /// What was given.
        period: Duration,
    },
    /// That is no limit.
    #[error("{calls} calls in {period:?} are more than one in a nanosecond")]
    TooMany {
        /// How many.
        calls: u32,
        /// In which period.
        period: Duration,
    },
}
