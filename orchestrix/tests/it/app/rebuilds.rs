//! Read models that are built anew.

mod asking;
mod failing;
mod indexes;
mod restarting;
mod tally;
mod versions;
