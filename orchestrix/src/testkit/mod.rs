//! Tools for testing stores and domains.

pub mod conformance;
pub mod history;

#[doc(inline)]
pub use crate::__conformance_tests as conformance_tests;
