//! Tools for testing stores and domains.

pub mod conformance;
pub mod faults;
pub mod history;
mod projection_scenario;
pub mod proxy;
mod saga_lock;
mod saga_scenario;
mod virtual_clock;

pub use projection_scenario::{ProjectionScenario, ScenarioError};
pub use saga_lock::{SAGA_LOCK_VARIABLE, SagaLock, SagaLockError};
pub use saga_scenario::{SagaRun, SagaScenario, SagaScenarioError, StepAnswer};
pub use virtual_clock::VirtualClock;

#[doc(inline)]
pub use crate::__conformance_tests as conformance_tests;
