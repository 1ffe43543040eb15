//! What a behaviour found wrong, and the checks that find it.

use std::fmt;
use std::panic::Location;

use crate::error::chain;
use crate::store::{
    AppendError, CheckpointError, LeaseError, LockError, NameError, ReadError, ReadModelError,
    ScheduleStoreError,
};

/// Longer values are cut in messages: a log of ten thousand events helps nobody.
const SHOWN_CHARACTERS: usize = 600;

/// A promise that a store did not keep.
#[derive(Debug, Clone, thiserror::Error)]
#[error("expected {expected}, found {found} (checked at {at})")]
#[non_exhaustive]
pub struct Violation {
    /// What the port promises.
    pub expected: String,
    /// What the store did.
    pub found: String,
    /// The check, in the source of the suite.
    pub at: &'static Location<'static>,
}

impl Violation {
    /// A promise that was not kept, told by the caller's place.
    #[track_caller]
    pub fn new(expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self {
            expected: cut(expected.to_string()),
            found: cut(found.to_string()),
            at: Location::caller(),
        }
    }
}

/// Passes when it holds; else tells what was found instead.
#[track_caller]
pub(super) fn ensure(
    holds: bool,
    expected: impl fmt::Display,
    found: impl fmt::Debug,
) -> Result<(), Violation> {
    if holds {
        return Ok(());
    }
    Err(Violation::new(expected, format_args!("{found:?}")))
}

/// Passes when both are equal; `what` names them.
#[track_caller]
pub(super) fn ensure_eq<F, E>(
    what: impl fmt::Display,
    found: F,
    expected: E,
) -> Result<(), Violation>
where
    F: PartialEq<E> + fmt::Debug,
    E: fmt::Debug,
{
    if found == expected {
        return Ok(());
    }
    Err(Violation::new(
        format_args!("{what}: {expected:?}"),
        format_args!("{found:?}"),
    ))
}

/// Passes with the value; else tells that `expected` is not there.
#[track_caller]
pub(super) fn present<T>(value: Option<T>, expected: impl fmt::Display) -> Result<T, Violation> {
    value.ok_or_else(|| Violation::new(expected, "nothing"))
}

fn cut(text: String) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{} ... ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

macro_rules! violation_from {
    ($($error:ty, $call:literal;)*) => {$(
        impl From<$error> for Violation {
            #[track_caller]
            fn from(error: $error) -> Self {
                Self::new(concat!($call, " to succeed"), chain(&error))
            }
        }
    )*};
}

violation_from! {
    AppendError, "an append";
    ReadError, "a read";
    CheckpointError, "a checkpoint's call";
    ReadModelError, "a read model's call";
    LockError, "a call for a lock";
    LeaseError, "a call for leases";
    ScheduleStoreError, "a call about what is scheduled";
    NameError, "a name";
    serde_json::Error, "a payload";
    uuid::Error, "an id";
    jiff::Error, "a time";
    crate::message::TraceContextError, "a trace context";
}
