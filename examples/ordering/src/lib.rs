//! A shop on `orchestrix`: the invoices of a real log become orders and returns, and read models
//! answer what was sold where, when and to whom.
//!
//! | from … to | where |
//! |---|---|
//! | a file to validated invoices | [`log`] |
//! | an invoice to commands | [`import`] |
//! | a command to events | [`domain`], and [`shop`] where it concerns two aggregates |
//! | events to documents | [`read_models`] |
//! | documents to the report | [`summary`] |
//! | how far they are | [`subscriptions`] |

pub mod cli;
pub mod demo_log;
pub mod domain;
pub mod fulfilment;
pub mod import;
pub mod interrupt;
pub mod log;
pub mod output;
pub mod progress;
pub mod read_models;
pub mod report;
pub mod run;
pub mod shop;
pub mod show;
pub mod store;
pub mod subscriptions;
pub mod summary;
