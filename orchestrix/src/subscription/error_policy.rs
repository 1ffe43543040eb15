//! What becomes of an event that cannot be consumed.

use std::fmt;

/// What a subscription does with an event that still fails when its retries are used up.
///
/// It is about events. Where the store itself fails (see [`FailureKind`](super::FailureKind)), no event is at fault:
/// none is skipped for it.
///
/// ```
/// use orchestrix::subscription::ErrorPolicy;
/// assert_eq!(ErrorPolicy::Skip.to_string(), "skip");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorPolicy {
    /// The subscription halts in a failed state until it is resumed. Its checkpoint stays before the event, so nothing
    /// is lost, and nothing behind it is consumed, of no stream.
    Stop,
    /// The event is counted and logged, and gone past: this subscription never consumes it. For effects that may be
    /// missed.
    Skip,
    /// The event is kept as a [dead letter](crate::store::DeadLetter), together with the checkpoint, and later events of
    /// its stream behind it, in their order; all other streams go on. Once its cause is mended it is tried again, or
    /// skipped, by [`App::dead_letters`](crate::app::App::dead_letters), and what waited follows. At most
    /// [`Delivery::most_dead_letters`](super::Delivery::most_dead_letters).
    DeadLetter,
}

/// In words.
impl fmt::Display for ErrorPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stop => "stop",
            Self::Skip => "skip",
            Self::DeadLetter => "dead letter",
        })
    }
}
