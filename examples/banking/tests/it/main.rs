//! Tests of the bank through its public API and through its binary.

mod accounts;
mod binary;
mod counter;
mod domain_size;
mod restarts;
mod stood_still;
mod transfers;
