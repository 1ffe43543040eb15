//! Tools for testing stores and domains.

pub mod conformance;
pub mod faults;
pub mod history;
pub mod proxy;

#[doc(inline)]
pub use crate::__conformance_tests as conformance_tests;
