//! Copies from store to store.

mod archived;
mod between;
mod differences;
mod foreign;
mod interrupted;
mod log;
mod resumed;
mod tampered;
