//! Why an application did not start.

use crate::registry::Problems;

/// Why an application did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// No store was named.
    #[error("the app has no store: name one with `.store(..)`, `MemoryStore::new()` for instance")]
    NoStore,
    /// What was registered does not fit together.
    #[error(transparent)]
    Problems {
        /// All that is wrong.
        problems: Problems,
    },
    /// A limit is out of range.
    #[error("config field `{field}` is {value}, allowed is {allowed}")]
    Config {
        /// Which.
        field: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
}
