//! What becomes of an event that cannot be consumed.

use std::fmt;

/// What a subscription does with an event that still fails when its retries are used up.
///
/// It is about events. Where the store itself fails (see [`FailureKind`](super::FailureKind)), no event is at fault:
/// none is skipped or parked for it.
///
/// ```
/// use orchestrix::subscription::ErrorPolicy;
/// assert_eq!(ErrorPolicy::DeadLetter.to_string(), "dead letter");
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
    /// The event is parked in the dead letters with its error, and so are the later events of its stream, behind it and
    /// in order. All other streams go on. Nothing is lost: what is parked can be retried.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words() {
        let words = [
            ErrorPolicy::Stop,
            ErrorPolicy::Skip,
            ErrorPolicy::DeadLetter,
        ]
        .map(|policy| policy.to_string());
        assert_eq!(words, ["stop", "skip", "dead letter"]);
    }
}
