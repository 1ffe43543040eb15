//! Tools for testing stores and domains.

pub mod conformance;

#[doc(inline)]
pub use crate::__conformance_tests as conformance_tests;
