//! Where an instance is.

use std::fmt;

use super::SagaOutcome;
use super::instance::Instance;

/// Where an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SagaStatus {
    /// Its steps run, or wait to run again.
    Running,
    /// A step has failed for good; what was completed is being undone.
    Compensating,
    /// It has ended.
    Ended(SagaOutcome),
    /// A person has seen to it: its compensations had failed, or it could not go on with the steps as they are now.
    Resolved,
    /// The domain refused a command of a saga of reactions, and it has no answer to that: a person must see to it.
    Stuck,
}

impl fmt::Display for SagaStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.pad("running"),
            Self::Compensating => f.pad("compensating"),
            Self::Ended(outcome) => outcome.fmt(f),
            Self::Resolved => f.pad("resolved"),
            Self::Stuck => f.pad("stuck"),
        }
    }
}

impl Instance {
    pub(super) fn status(&self) -> SagaStatus {
        match self.ended {
            _ if self.resolved => SagaStatus::Resolved,
            Some(outcome) => SagaStatus::Ended(outcome),
            None if self.is_turned() => SagaStatus::Compensating,
            None => SagaStatus::Running,
        }
    }
}
