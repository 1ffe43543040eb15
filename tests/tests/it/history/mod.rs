//! The history checker: correct histories pass, and each corrupted one is rejected for what is wrong with it.

mod correct;
mod corrupted;
mod lines;
mod scenario;
