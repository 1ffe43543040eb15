//! Tests of the shop through its public API.

mod cli;
mod demo_log;
mod log_encoding;
mod log_errors;
mod log_grouping;
mod oracle;
mod real_data;
mod report;
mod rules;
mod sample;
