//! A bank on `orchestrix`: accounts, and transfers between them. Money is never created or lost, whatever is refused and
//! whatever crashes.
//!
//! | what | where |
//! |---|---|
//! | accounts, and the saga that moves money between them | [`domain`] |
//! | opening the bank on a store | [`bank`] |
//! | `banking demo` | [`demo`] |

pub mod bank;
pub mod demo;
pub mod domain;
