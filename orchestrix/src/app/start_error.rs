//! Why an application did not start.

use crate::registry::Problems;
use crate::saga::ChangedSagas;
use crate::store::ReadError;

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
    /// A subscription is to begin at the end of the log, and the store does not say where that is.
    #[error("the store does not say where the log ends, which a subscription is to begin at")]
    Log {
        /// What the store said.
        source: ReadError,
    },
    /// Steps of sagas changed under instances that are under way, which cannot go on with them; unless
    /// [`refuse_changed_sagas`](super::Config::refuse_changed_sagas) is off.
    #[error(transparent)]
    ChangedSagas {
        /// Which instances, and what to do.
        changed: ChangedSagas,
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
