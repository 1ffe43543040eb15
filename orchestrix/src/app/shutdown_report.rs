//! What became of a shutdown.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Phase;
use crate::error::BoxError;

/// What became of a shutdown.
#[derive(Debug)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// [`Phase::Stopped`], or [`Phase::Forced`] where something was cut off.
    pub outcome: Phase,
    /// Commands that were under way when it began to wait for them, and had ended when it went on.
    pub drained: u64,
    /// Commands that were still under way then. They are not taken back: they may still be stored, or not.
    pub left: u64,
    /// Each phase before the last, in order, with how long it took.
    pub phases: Vec<PhaseTook>,
    /// What was cut off.
    pub forced: Vec<Forced>,
    /// What failed of what was to be done [first](super::Builder::on_shutdown), by name. It ended no shutdown.
    pub failed: Vec<(String, BoxError)>,
    /// Why the store could not be closed.
    pub store: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// How long a phase of a shutdown took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PhaseTook {
    /// Which.
    pub phase: Phase,
    /// How long.
    pub took: Duration,
}

/// What did not end by itself in a shutdown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forced {
    /// What.
    pub what: String,
    /// In which phase.
    pub phase: Phase,
    /// How long it was waited for.
    pub waited: Duration,
}

impl Default for ShutdownReport {
    fn default() -> Self {
        Self {
            outcome: Phase::Stopped,
            drained: 0,
            left: 0,
            phases: Vec::new(),
            forced: Vec::new(),
            failed: Vec::new(),
            store: None,
        }
    }
}

impl ShutdownReport {
    /// The report as [`App::shutdown`](super::App::shutdown) tells it.
    ///
    /// # Errors
    /// [`ShutdownError`] where something was cut off, or the store could not be closed.
    pub fn into_result(&self) -> Result<(), ShutdownError> {
        if !self.forced.is_empty() {
            let what = self.forced.clone();
            return Err(ShutdownError::Late { what });
        }
        match &self.store {
            Some(source) => Err(ShutdownError::Store {
                source: Box::new(source.clone()),
            }),
            None => Ok(()),
        }
    }
}

/// In words.
impl fmt::Display for Forced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (after {:?})", self.what, self.waited)
    }
}

/// What did not end as it should.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShutdownError {
    /// Some parts had not ended, and were stopped.
    #[error(
        "these had not ended, and were stopped: {}",
        what.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    Late {
        /// Which.
        what: Vec<Forced>,
    },
    /// The store could not be closed.
    #[error("the store could not be closed")]
    Store {
        /// What it said.
        source: BoxError,
    },
}
