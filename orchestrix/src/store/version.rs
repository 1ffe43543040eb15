//! Places in a stream and in the whole store, and what a writer expects of a stream.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The place of an event in its stream: dense from 1. An absent or empty stream is at [`StreamVersion::NONE`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct StreamVersion(u64);

impl StreamVersion {
    /// Before the first event.
    pub const NONE: Self = Self(0);
    /// The first event's place.
    pub const FIRST: Self = Self(1);

    /// The `n`-th place, from 1; 0 is [`StreamVersion::NONE`].
    pub const fn new(n: u64) -> Self {
        Self(n)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The place `n` events further on.
    #[must_use]
    pub const fn plus(self, n: u64) -> Self {
        Self(self.0.saturating_add(n))
    }

    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus(1)
    }

    /// The place before this one; before the first, and before nothing, is [`StreamVersion::NONE`].
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for StreamVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The place of an event in the whole store: unique and increasing, not dense.
///
/// Once a reader has seen position p, no event at or before p appears later.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct GlobalPosition(u64);

impl GlobalPosition {
    /// Before the first event: reading after it reads everything.
    pub const START: Self = Self(0);

    /// The place with this number, from 1; 0 is [`GlobalPosition::START`].
    pub const fn new(n: u64) -> Self {
        Self(n)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for GlobalPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Text that is no version and no position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}: a whole number is one")]
#[non_exhaustive]
pub struct PlaceError {
    /// What it should have been.
    pub what: &'static str,
    /// The text as given.
    pub text: String,
    /// What is wrong with it.
    pub source: ParseIntError,
}

macro_rules! from_text {
    ($($place:ident $what:literal,)*) => {$(
        /// Reads what its `Display` writes.
        impl FromStr for $place {
            type Err = PlaceError;

            fn from_str(text: &str) -> Result<Self, PlaceError> {
                let number = text.parse().map_err(|source| PlaceError {
                    what: $what,
                    text: text.to_owned(),
                    source,
                })?;
                Ok(Self(number))
            }
        }
    )*};
}

from_text! {
    StreamVersion "stream version",
    GlobalPosition "position",
}

/// What a writer expects of a stream at the moment of its append.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExpectedVersion {
    /// Whatever there is.
    Any,
    /// The stream has no events.
    NoStream,
    /// The stream has at least one event.
    StreamExists,
    /// The stream is at exactly this version; `Exact(StreamVersion::NONE)` is the same as `NoStream`.
    Exact(StreamVersion),
}

impl ExpectedVersion {
    /// Whether a stream that is at `actual` meets the expectation.
    pub fn is_met_by(self, actual: StreamVersion) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => actual == StreamVersion::NONE,
            Self::StreamExists => actual > StreamVersion::NONE,
            Self::Exact(version) => actual == version,
        }
    }
}

impl fmt::Display for ExpectedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any version"),
            Self::NoStream => f.write_str("no stream"),
            Self::StreamExists => f.write_str("an existing stream"),
            Self::Exact(version) => write!(f, "version {version}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_from_their_text() {
        for number in [0, 1, u64::MAX] {
            let position = GlobalPosition::new(number);
            assert_eq!(position.to_string().parse(), Ok(position));
            let version = StreamVersion::new(number);
            assert_eq!(version.to_string().parse(), Ok(version));
        }
        for text in ["", "-1", "1.0", "18446744073709551616", "p1"] {
            let error = text.parse::<GlobalPosition>().expect_err("no position");
            assert_eq!(
                error.to_string(),
                format!("`{text}` is no position: a whole number is one")
            );
        }
    }
}
