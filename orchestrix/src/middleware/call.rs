//! What passes through middleware: commands on their way to what handles them, events on their way to an event handler.

use std::fmt::Debug;
use std::time::Duration;

use crate::error::BoxError;

/// A call that passes through middleware: a [`CommandCall`](super::CommandCall) or a
/// [`DeliveryCall`](super::DeliveryCall). Cloning it is cheap, and a clone may be run again: a layer that retries runs
/// clones.
///
/// Middleware that suits both is generic over it:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use orchestrix::middleware::{Call, Middleware, Next};
///
/// /// How many calls there were.
/// #[derive(Default)]
/// struct Counting(AtomicU64);
///
/// impl<C: Call> Middleware<C> for Counting {
///     async fn handle(&self, call: C, next: Next<C>) -> Result<C::Reply, C::Error> {
///         self.0.fetch_add(1, Ordering::Relaxed);
///         next.run(call).await
///     }
/// }
/// ```
pub trait Call: Outcomes<Given = Self::Reply, Failed = Self::Error> {
    /// What it gives.
    type Reply: Send + 'static;
    /// How it fails.
    type Error: Into<BoxError> + Send + Debug + 'static;
}

/// What only this room asks of a call; being out of reach it keeps [`Call`] to the two that there are.
pub trait Outcomes: Clone + Debug + Send + Sync + 'static {
    /// As [`Call::Reply`].
    type Given;
    /// As [`Call::Error`].
    type Failed;

    /// A layer's error as the call's: what is of that kind already stays as it is.
    fn failed(error: BoxError) -> Self::Failed;

    /// It took longer than this.
    fn late(&self, limit: Duration) -> Self::Failed;

    /// There were too many.
    fn limited(&self, retry_after: Duration) -> Self::Failed;

    /// The same call, with no more time left than this.
    fn within(self, limit: Duration) -> Self;

    /// Tells the log what became of it, and after how long.
    fn log(&self, outcome: Logged<'_, Self::Failed>, took: Duration);
}

/// What became of a call.
#[derive(Debug)]
pub enum Logged<'a, E> {
    /// It gave what it gives.
    Done,
    /// It failed.
    Failed(&'a E),
    /// It came to no end: its time was up, its caller went away, or it panicked.
    Abandoned,
}
